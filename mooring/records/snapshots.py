"""Daily profiles in a store: only the newest snapshot of each writer and day counts.

`profiles/<model>/<day>/` holds, for each stream, snapshots of all its rows of that day so far. A newer
snapshot replaces the older one, so a crash between the two counts no row twice.
"""

from collections.abc import Iterator
from datetime import date

from mooring.profiles.reading import Profile, read_profile
from mooring.records.log import days_between
from mooring.records.parts import Part
from mooring.records.store import Store

DIRECTORY = "profiles"
SUFFIX = ".bin"


def newest(parts: list[Part]) -> list[Part]:
    """Return the last snapshot of each stream, given parts sorted by stream and number."""
    return list({part.stream: part for part in parts if part.suffix == SUFFIX}.values())


def stored(
    store: Store, model: str, *, since: date | None = None, until: date | None = None
) -> Iterator[tuple[date, Part, bytes]]:
    """Yield the newest snapshot of each writer and day for one model's digest, as verified bytes.

    Raises IntegrityError naming a corrupt file.
    """
    top = f"{DIRECTORY}/{model}"
    for day in days_between(store, top, since, until):
        for part in newest(store.parts(f"{top}/{day}")):
            yield date.fromisoformat(day), part, store.read(f"{top}/{day}", part)


def read_sketches(
    url: str, model: str, *, since: date | None = None, until: date | None = None
) -> Iterator[tuple[date, Part, Profile]]:
    """Yield the same as profiles. Also raises IntegrityError for a file that is not a profile."""
    with Store(url) as store:
        for day, part, content in stored(store, model, since=since, until=until):
            where = f"{url}/{DIRECTORY}/{model}/{day}/{part}"
            yield day, part, read_profile(content, where)
