"""Send alerts to Prometheus and to a webhook."""
