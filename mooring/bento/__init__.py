"""Build the bento from the graph's outputs. Only the package stage imports this."""
