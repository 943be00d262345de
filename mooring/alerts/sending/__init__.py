"""Where alerts are sent: Prometheus, and a webhook."""
