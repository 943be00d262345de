"""Rows: from sources, through the query, to checked windows."""
