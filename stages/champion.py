"""Check out the champion, the model that production's release pins, from the DVC cache."""

from mooring.graph.settings import cache_directory
from mooring.release.champion import CHAMPION, materialise
from mooring.release.pins import PRODUCTION, read_release


def main() -> None:
    """release.yaml, DVC's cache → models/champion."""
    release = read_release(PRODUCTION)
    materialise(release, cache_directory(), CHAMPION)
    print("no release yet" if release.model is None else f"champion: md5 {release.model.md5}")
