"""The server's metrics, log lines and trace headers."""
