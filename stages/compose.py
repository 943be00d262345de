"""Compose conf/ into params.yaml, and copy the query that it names."""

from mooring.composition import compose


def main() -> None:
    """conf/ → params.yaml, data/query.sql."""
    compose.write()
