"""Columns: what a request holds, what is derived, what the model sees."""
