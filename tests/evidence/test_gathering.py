"""Evidence with labels: whose limits they are judged by, and why predictions have none."""

import datetime
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mooring.errors import IntegrityError
from mooring.evidence.gathering import LabelFile
from mooring.records import log
from mooring.records.parts import Part
from mooring.records.store import Store
from mooring.reports.drift.directory import make_report
from mooring.reports.drift.label_coverage import coverage
from tests.support.outcomes import SETTINGS
from tests.support.records import log_file
from tests.support.served_days import FIRST, MODEL, N_DAYS, asked, fill, write_models

PER_DAY = 60
OUTCOMES = SETTINGS.model_copy(update={"label_delay_days": 3.0, "min_coverage": 0.5})
DIRECTORY = Path("models")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three weeks, and a reference with its outcomes."""
    top = tmp_path_factory.mktemp("served")
    write_models(top / DIRECTORY)
    fill(top / "store")
    with Store(str(top / "store")) as store:
        for n in range(N_DAYS):
            write_log(store, FIRST + datetime.timedelta(days=n))
    return top


@pytest.fixture
def project(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = Path(shutil.copytree(served, tmp_path / "project"))
    monkeypatch.chdir(top)
    return top


def write_log(store: Store, day: datetime.date) -> None:
    """Write a day's predictions at noon in New York, the first of them given twice."""
    keys = [f"{day}-{n}" for n in range(PER_DAY)] + [f"{day}-0"]
    scores = np.random.default_rng(day.toordinal()).uniform(size=len(keys))
    lines = log.table(
        {
            **{"request_id": [f"r{n}" for n in range(len(keys))], "row": [0] * len(keys)},
            **{"key": keys, "model": [MODEL] * len(keys), "returned": [True] * len(keys)},
            **{"score": scores, "time": np.full(len(keys), f"{day}T16:00", "datetime64[us]")},
        }
    )
    content = log_file(lines)
    store.put(f"{log.DIRECTORY}/{day}", Part.of("writer", 1, content, log.SUFFIX), content)


def write_labels(**changes: Any) -> LabelFile:
    """Write a label for each key; `twice` adds another for some keys of each day, `key` renames them."""
    days = [FIRST + datetime.timedelta(days=n) for n in range(N_DAYS)]
    keys = [f"{day}-{n}" for day in days for n in range(PER_DAY)]
    values = np.random.default_rng(1).integers(0, 2, len(keys)).astype(float)
    again = [key for key in keys if int(key.rpartition("-")[2]) < changes.get("twice", 0)]
    others = [1 - values[keys.index(key)] for key in again]
    table = {"key": [changes.get("prefix", "") + key for key in [*keys, *again]]}
    pq.write_table(pa.table(table | {"label": [*values, *others]}), "labels.parquet")
    return LabelFile("labels.parquet", "key", "label")


def judged(labels: LabelFile, reference: str = "models/reference") -> Any:
    with Store("store") as store:
        return make_report(asked(outcomes=OUTCOMES), store, Path(reference), labels)[1]


def test_why_predictions_of_the_window_have_no_label_is_counted_and_said(project: Path) -> None:
    report = judged(write_labels(twice=15))
    found = report.outcomes
    # Of the window's seven days the labels of the last two may still come.
    assert (found.predictions, found.due, found.labelled) == (7 * PER_DAY, 5 * PER_DAY, 5 * 45)
    assert {name: n for name, n in found.left_out.model_dump().items() if n} == {
        **{"contradictory": 5 * 15, "repeats": 7, "too_young": 2 * PER_DAY}
    }
    assert coverage(report) == (
        "225 of the 300 predictions that are old enough have a label: 75.0%; 50.0% are needed. "
        "Without a label: 75 whose key has contradictory labels. "
        "Not counted: 120 too young to have a label, 7 repeats of a key."
    )


def test_labels_of_other_keys_are_told_from_labels_that_have_not_come(project: Path) -> None:
    report = judged(write_labels(prefix="flight-"))
    assert (report.outcomes.level, report.outcomes.labelled) == ("cannot_tell", 0)
    assert report.outcomes.sentence == "0.0% of the predictions have a label, fewer than 50.0%."
    assert coverage(report).endswith(
        "Without a label: 300 whose label has not arrived. "
        "Not counted: 120 too young to have a label, 7 repeats of a key. "
        "No label matches a prediction's key: is --label-key the right column?"
    )
    (not_made,) = report.parts.outcomes.not_made
    assert (not_made.cause, report.parts.outcomes.made) == ("too_few_labels", 0)


def test_limits_on_labels_lie_beside_the_reference_that_is_named(project: Path) -> None:
    shutil.move("models", "elsewhere")
    report = judged(write_labels(), "elsewhere/reference")
    assert report.parts.outcomes.made == 4
    outcomes = Path("elsewhere/reference_outcomes.json")
    outcomes.write_bytes(outcomes.read_bytes() + b" ")
    with pytest.raises(IntegrityError, match="was not made with the reference beside it") as caught:
        judged(write_labels(), "elsewhere/reference")
    assert caught.value.where == str(outcomes)
    outcomes.unlink()
    with pytest.raises(IntegrityError, match="cannot be read") as caught:
        judged(write_labels(), "elsewhere/reference")
    assert caught.value.where == str(outcomes)
