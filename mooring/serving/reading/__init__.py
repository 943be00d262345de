"""Bodies to rows: JSON by rows or by columns, and Arrow, checked against the rules of conf/data."""
