"""BentoML services: what answers requests."""
