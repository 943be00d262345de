"""A store and a reference of a small problem, day by day, without a scorer."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from mooring.bento.built import BentoFacts
from mooring.config.data import Data
from mooring.evidence.bundle import Settings
from mooring.files import sha256_file, write_json
from mooring.outcomes.reference import write_reference
from mooring.profiles.sketches import profile_columns
from mooring.profiles.store import write_profiles
from mooring.records import snapshots
from mooring.records.parts import Part
from mooring.records.store import Store
from tests.support.drifting import settings
from tests.support.outcomes import SETTINGS, rows
from tests.support.small import params

MODEL = "c" * 64
KINDS: dict[str, Any] = {"x": "number", "city": "category", "score": "number"}
N_REFERENCE_DAYS, N_DAYS, N_ROWS = 90, 22, 150
FIRST = datetime.date(2024, 6, 1)
WINDOW = "2024-06-15..2024-06-21"


def profile(day: datetime.date, seed: int, **changes: Any) -> Any:
    """Return the profile of one day of `n_rows`; `shift` moves its x, `scale` multiplies them, `spike` is
    one x, `city` renames a fifth of its cities, and the column `empty` has no value."""
    draw, n_rows = np.random.default_rng(seed), changes.get("n_rows", N_ROWS)
    columns = {
        "x": (draw.normal(size=n_rows) + changes.get("shift", 0.0)) * changes.get("scale", 1.0),
        "city": draw.choice(np.array(["Aba", "Bonn", "Cuzco"], dtype=object), n_rows),
        "score": draw.uniform(size=n_rows),
    }
    if "empty" in changes:
        columns[changes["empty"]][:] = np.nan
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
    """Write models/, as far as drift reads it, and params.yaml."""
    write_models(directory / "models")
    (directory / "params.yaml").write_text(yaml.safe_dump(params("classification", True)))


def asked(**changes: Any) -> Settings:
    """Return what is asked about the small problem."""
    values = {
        **{
            "model": MODEL,
            "used": ("x", "city"),
            "seed": 13,
            "drift": settings(),
            "outcomes": SETTINGS,
        },
        "data": Data.parse("data", params("classification", True)["data"]),
        **{"first": datetime.date(2024, 6, 15), "last": datetime.date(2024, 6, 21)},
        "newest": datetime.date(2024, 6, 22),
    }
    return Settings(**(values | changes))


def write_models(directory: Path, model: str = MODEL, **changes: Any) -> None:
    """Write a reference, and the files beside it that say which model it belongs to."""
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=n) for n in range(N_REFERENCE_DAYS)]
    views = {str(day): profile(day, n, **changes) for n, day in enumerate(days)}
    known, outcomes = rows(60), directory / "reference_outcomes.json"
    write_reference(
        outcomes, "classification", known.days, known.scores, known.labels, SETTINGS.bins
    )
    facts = {"outcomes_sha256": sha256_file(outcomes)}
    write_profiles(directory / "reference", views, KINDS, facts)
    reference = sha256_file(directory / "reference/index.json")
    bento = BentoFacts(tag="scorer:abc", sha256="a" * 64, model=model, reference=reference)
    bento.write(directory / "bento.json")
    features = {
        **{"inputs": {"x": "number", "city": "category"}, "derived": []},
        **{"numeric": ["x"], "categorical": ["city"]},
    }
    write_json(directory / "scorer/spec.json", {"model_sha256": model, "features": features})
