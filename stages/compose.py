"""Compose conf/ into params.yaml, and copy the query and the package versions that it names."""

from mooring.composition import compose


def main() -> None:
    """conf/, requirements.lock → params.yaml, data/query.sql, data/packages.json."""
    compose.write()
