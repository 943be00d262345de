"""Turn what the graph made into a bento. Only the package stage imports this."""
