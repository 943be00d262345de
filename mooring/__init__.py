"""Mooring: a release is one commit, from the query to the served prediction."""

__version__ = "0.1.0"
