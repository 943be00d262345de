"""Features: inputs of a request, derived columns, columns of the model."""
