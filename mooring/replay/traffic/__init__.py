"""How rows reach a scorer: connections of HTTP/1.1, kept alive, and what sends over them."""
