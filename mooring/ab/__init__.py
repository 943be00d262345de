"""Two models in service, compared on the labels that came later."""
