"""A store and a reference of a small problem, day by day, without a scorer."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from mooring.profiles.sketches import profile_columns
from mooring.profiles.store import write_profiles
from mooring.records import snapshots
from mooring.records.parts import Part
from mooring.records.store import Store
from tests.support.small import params

MODEL = "c" * 64
KINDS: dict[str, Any] = {"x": "number", "city": "category", "score": "number"}
N_REFERENCE_DAYS, N_DAYS, N_ROWS = 90, 22, 150
FIRST = datetime.date(2024, 6, 1)
WINDOW = "2024-06-15..2024-06-21"


def profile(day: datetime.date, seed: int, **changes: Any) -> Any:
    """Return the profile of one day; `shift` moves its x, `spike` is one x,
    `city` renames a fifth of its cities."""
    draw = np.random.default_rng(seed)
    columns = {
        "x": draw.normal(size=N_ROWS) + changes.get("shift", 0.0),
        "city": draw.choice(np.array(["Aba", "Bonn", "Cuzco"], dtype=object), N_ROWS),
        "score": draw.uniform(size=N_ROWS),
    }
    if "spike" in changes:
        columns["x"][0] = changes["spike"]
    if "city" in changes:
        columns["city"][:30] = changes["city"]
    return profile_columns(columns, KINDS, day=day, facts={})


def fill(
    store: Path | str, number: int = 1, n_days: int = N_DAYS, first: int = 0, **changes: Any
) -> None:
    """Write the profiles of some days to a store, as part `number` of their writer."""
    with Store(str(store)) as opened:
        for n in range(first, n_days):
            day = FIRST + datetime.timedelta(days=n)
            content = profile(day, 1000 + n, **changes).serialize()
            part = Part.of("writer", number, content, snapshots.SUFFIX)
            opened.put(f"{snapshots.DIRECTORY}/{MODEL}/{day}", part, content)


def write_project(directory: Path) -> None:
    """Write models/reference and params.yaml."""
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=n) for n in range(N_REFERENCE_DAYS)]
    views = {str(day): profile(day, n) for n, day in enumerate(days)}
    write_profiles(directory / "models/reference", views, KINDS, {})
    (directory / "params.yaml").write_text(yaml.safe_dump(params("classification", True)))
