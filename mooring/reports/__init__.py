"""The reports as pages and texts: training, drift, A/B comparison."""
