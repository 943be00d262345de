"""Compose conf/ into params.yaml, the graph's first output, and pick the query that it names."""

from mooring.composition import compose


def main() -> None:
    """conf/ → params.yaml, data/query.sql."""
    compose.write()
