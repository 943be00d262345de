"""The cases of the drift benchmark: real rows, what is done to them, and what Mooring says."""
