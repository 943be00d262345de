"""Compare two models in service on the labels that arrived later."""
