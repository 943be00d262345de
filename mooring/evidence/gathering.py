"""Gather what a drift report is made from: the settings, the reference, the profiles, the outcomes.

In: a store, sections of params.yaml, the location of labels. Out: the files of an evidence directory.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from mooring import files
from mooring.config.data import Data
from mooring.config.drift import Drift
from mooring.config.outcomes import Outcomes
from mooring.evidence import bundle, question
from mooring.evidence.bundle import DAY, Settings
from mooring.evidence.served_model import check_reference, model_of, outcomes_of, used_inputs
from mooring.outcomes.advisory import label_free_advisory
from mooring.outcomes.joining import join
from mooring.outcomes.reference import read_reference
from mooring.outcomes.tables import tabulate
from mooring.records import labels
from mooring.records.label_files import read_labels
from mooring.records.log import read_predictions
from mooring.records.store import Store

REFERENCE = Path("models/reference")


@dataclass(frozen=True)
class Declared:
    """The sections of params.yaml that a diagnosis depends on."""

    data: Data
    drift: Drift
    outcomes: Outcomes
    seed: int


@dataclass(frozen=True)
class LabelFile:
    """A file or directory of labels outside the store."""

    url: str
    key: str
    label: str


@dataclass(frozen=True)
class Asked:
    """The model, window and reference that a report is asked for."""

    model: str | None = None
    """The beginning of a digest; else the reference's own model."""
    window: str | None = None
    """FIRST..LAST; else the newest."""
    reference: Path = REFERENCE


def settings_of(declared: Declared, store: Store, asked: Asked) -> tuple[Settings, str | None]:
    """Return what is judged and its settings, and a sentence on a day that is ignored, if any.

    Raises DataError if the store holds no such model or days, or the reference is of another model.
    """
    window = asked.window
    digest = question.model_named(store, asked.model or model_of(asked.reference))
    check_reference(asked.reference, digest)
    days = question.served_days(store, digest)
    n_days = declared.drift.window_days
    first, last = (
        question.window_named(window, days) if window else question.newest_window(days, n_days)
    )
    settings = Settings(
        model=digest,
        used=used_inputs(asked.reference, digest),
        first=first,
        last=last,
        newest=max(question.newest_day(days, n_days), last),
        seed=declared.seed,
        data=declared.data,
        drift=declared.drift.model_copy(update={"window_days": (last - first).days + 1}),
        outcomes=declared.outcomes,
    )
    return settings, None if window else question.ignored_day(days, n_days)


def gather(
    directory: Path, settings: Settings, store: Store, reference: Path, given: LabelFile | None
) -> None:
    """Write the evidence of one report into `directory`.

    Labels are those `given`, else those in the store; without labels there are no outcomes.
    """
    bundle.write_settings(directory, settings)
    bundle.copy_reference(reference, directory)
    bundle.copy_profiles(store, settings, directory)
    label_table = _labels(given, store)
    if label_table is not None:
        _add_outcomes(label_table, store.url, settings, outcomes_of(reference), directory)


def _labels(given: LabelFile | None, store: Store) -> pa.Table | None:
    """Return key and label of every label, None if there are no labels at all."""
    if given is not None:
        return read_labels(given.url, given.key, given.label)
    if store.newest(labels.DIRECTORY) is not None:  # a directory may be empty
        return read_labels(f"{store.url}/{labels.DIRECTORY}", "key", "label")
    return None


def _add_outcomes(
    label_table: pa.Table, store_url: str, settings: Settings, reference: Path, directory: Path
) -> None:
    """Add the daily outcomes of the predictions that are old enough to have a label, and the file
    `reference` of the outcomes of training."""
    data = settings.data
    predictions = read_predictions(store_url, since=settings.since, until=settings.last)
    as_of = np.datetime64(settings.newest + 2 * DAY, "us")  # that day is over in every zone
    joined = join(
        predictions.filter(predictions["returned"]),
        label_table,
        settings.model,
        task=data.task,
        zone=settings.zone,
        as_of=as_of,
        label_delay_days=settings.outcomes.label_delay_days,
    )
    edges = read_reference(reference).edges
    tables = tabulate(data.task, edges, joined.days, joined.scores, joined.labels)
    files.write_bytes(directory / bundle.OUTCOMES, tables.encode())
    files.write_bytes(directory / bundle.REFERENCE_OUTCOMES, reference.read_bytes())
    left_out = joined.left_out(str(settings.first), str(settings.last))
    files.write_json(directory / bundle.LEFT_OUT, left_out.model_dump())
    inside = (joined.days >= str(settings.first)) & (joined.days <= str(settings.last))
    classified = data.task == "classification"
    advice = label_free_advisory(joined.scores[inside]) if classified else {}
    files.write_json(directory / bundle.ADVISORY, advice)
