"""Compare challenger and champion on the same held-out rows: overall and slice by slice."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mooring import files
from mooring.bento.compiled import Scorer
from mooring.config.gate import Gate
from mooring.errors import IntegrityError, ModelError
from mooring.evaluation.gate import slice_confidence
from mooring.features.layout import Layout
from mooring.metrics.bootstrap import Difference, paired_bootstrap
from mooring.metrics.slices import slice_rows

Columns = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]
CHAMPION, MODEL = "champion.json", "model"


@dataclass(frozen=True)
class HeldOutRows:
    """The held-out rows, each array (n,)."""

    inputs: Columns
    target: Floats
    times: NDArray[np.datetime64] | None
    days: NDArray[np.int64] | None
    """The day of each row, the unit of the bootstrap; None to resample single rows."""


@dataclass(frozen=True)
class ChampionComparison:
    """The differences from the champion, or the reason why they are missing."""

    release: dict[str, Any] | None
    problem: str | None
    overall: Difference | None
    slices: dict[str, Difference]

    def plain(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return asdict(self)


def compare(
    directory: Path,
    scores: Floats,
    rows: HeldOutRows,
    slices: tuple[str, ...],
    min_slice_rows: int,
    layout: Layout,
    gate: Gate,
    seed: int,
    n_threads: int,
) -> ChampionComparison:
    """Compare the challenger's `scores` with those of the champion in `directory`, if there is one."""
    release = files.read_json(directory / CHAMPION)["release"]
    if release is None:
        return ChampionComparison(None, None, None, {})
    try:
        champion = Scorer.load(directory / MODEL, n_threads)
    except (IntegrityError, ModelError) as error:
        return ChampionComparison(release, str(error), None, {})
    problem = _problem(champion, rows, layout, gate)
    if problem:
        return ChampionComparison(release, problem, None, {})
    both = scores, champion.score(rows.inputs)
    masks = {
        f"{column}={value}": mask
        for column in slices
        for value, mask in slice_rows(rows.inputs[column], min_slice_rows)
    }
    confidence = slice_confidence(gate.confidence, len(masks))
    sliced = {
        name: _difference(gate, rows, both, mask, confidence, seed) for name, mask in masks.items()
    }
    overall = _difference(gate, rows, both, slice(None), gate.confidence, seed)
    return ChampionComparison(release, None, overall, sliced)


def _difference(
    gate: Gate,
    rows: HeldOutRows,
    both: tuple[Floats, Floats],
    mask: Any,
    confidence: float,
    seed: int,
) -> Difference:
    challenger, champion = both
    return paired_bootstrap(
        gate.metric,
        rows.target[mask],
        challenger[mask],
        champion[mask],
        blocks=None if rows.days is None else rows.days[mask],
        n_resamples=gate.n_resamples,
        confidence=confidence,
        seed=seed,
    )


def _problem(champion: Scorer, rows: HeldOutRows, layout: Layout, gate: Gate) -> str | None:
    spec = champion.spec
    if (spec.task, spec.target) != (layout.task, layout.target):
        return (
            f"it predicts {spec.target} ({spec.task}) instead of {layout.target} ({layout.task})."
        )
    kinds = layout.spec.inputs
    lacking = [name for name, kind in spec.features.inputs.items() if kinds.get(name) != kind]
    if lacking:
        return f"it needs the inputs {', '.join(lacking)}, which conf/data no longer has."
    difference = champion.golden_difference()
    if not difference <= gate.parity_atol:
        return f"its golden rows differ by {difference:.3g} when this code replays them."
    first = None if rows.times is None else rows.times.min()
    if first is not None and spec.train_end and np.datetime64(spec.train_end) >= first:
        return f"it was trained on rows up to {spec.train_end}, which overlap the test window."
    return None
