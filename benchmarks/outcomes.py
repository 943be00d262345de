"""How a served model is judged by late labels: exactness, false alarms, power, and advice without labels.

    python -m benchmarks.outcomes [--shuffles 25]

On the flights (data/ and models/, from `dvc repro`): the outcomes of the reference, on rows that the model
was not fitted on, and those of the released model on the flights after the train window. Prints how far the
AUC from tables is from scikit-learn's, on the flights and on hostile scores; how often windows of 7 days are
called worse when the days are shuffled, and how often when the model was made worse; which weeks in their
real order are called worse; and how far the advice without labels is off. Exits 1 when an AUC is off by more
than 0.0015, or more than 6% of shuffled windows (1.5% of them with two of three) are called worse.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from mooring.bento.compiled import Scorer
from mooring.config.data import Data
from mooring.config.load import load
from mooring.config.outcomes import Outcomes
from mooring.data.blocks import day_blocks
from mooring.features.arrays import input_columns, number_array
from mooring.features.layout import Layout
from mooring.outcomes.advisory import label_free_advisory
from mooring.outcomes.edges import edges_of
from mooring.outcomes.figures import columns, figures
from mooring.outcomes.judgement import Judgement, judge
from mooring.outcomes.reference import read_reference
from mooring.outcomes.tables import DayTable, Tables, tabulate

N_DAYS, SEED, TEST_START = 7, 13, "2013-06-02"
POWER_SHUFFLES = 10
MAX_AUC_ERROR, MAX_ALARMS, MAX_TWICE = 0.0015, 0.06, 0.015
Floats = NDArray[np.float64]
Days = Mapping[str, DayTable]


@dataclass(frozen=True)
class Rows:
    """Served flights that have a label."""

    days: NDArray[np.str_]
    scores: Floats
    labels: Floats


def served() -> Rows:
    """Return the flights after the train window, scored by the model that is released."""
    layout, data = Layout.read(), load(Data)
    table = pq.read_table("data/rows.parquet")
    scores = Scorer.load("models/scorer", 2).score(input_columns(table, layout.spec))
    labels = number_array(table.column(layout.target))
    assert data.time is not None
    days = day_blocks(table.column(data.time.column).to_numpy(), data.time.zone)
    kept = (days >= TEST_START) & ~np.isnan(labels)
    return Rows(days[kept], scores[kept], labels[kept])


def hostile(rows: Rows) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """Yield a name, the labels, the scores that edges are made from, and the scores that are counted."""
    own, labels = rows.scores, rows.labels
    odds = np.log(own / (1 - own))
    random = np.random.default_rng(SEED)

    def chance(values: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-values)))

    yield "the flights", labels, own, own
    for name, scores in (
        ("+ 0.05", np.clip(own + 0.05, 0, 1)),
        ("log-odds + 2", chance(odds + 2)),
        ("log-odds - 2", chance(odds - 2)),
        ("in a quarter of the range", 0.3 + 0.25 * own),
        ("in a hundredth of the range", 0.3 + 0.01 * own),
    ):
        yield f"served {name}", labels, own, scores
    for width in (1e-2, 1e-4, 1e-6):
        yield f"all within {width:g}", labels, 0.3 + width * own, 0.3 + width * own
    for name, offset, slope in (("one in 400", -9.0, 3.0), ("all but sure", 0.0, 20.0)):
        chances = chance(offset + slope * random.normal(size=len(own)))
        drawn = (random.random(len(own)) < chances).astype(np.float64)
        yield name, drawn, chances, chances
    yield "ten values", labels, np.round(own, 1), np.round(own, 1)


def auc_errors(rows: Rows, n_bins: int) -> float:
    """Print how far the AUC of merged tables is off; return the largest distance."""
    worst = 0.0
    for name, labels, of_edges, scores in hostile(rows):
        edges = edges_of("classification", of_edges, n_bins)
        sums = columns(tabulate("classification", edges, rows.days, scores, labels))
        found = figures("classification", sums.summed(np.ones(sums.n_days)))["roc_auc"]
        exact = roc_auc_score(labels, scores)
        if np.isnan(found):
            print(f"AUC, {name:32} scikit-learn {exact:.5f}  tables: cannot tell")
            continue
        worst = max(worst, abs(found - exact))
        print(f"AUC, {name:32} scikit-learn {exact:.5f}  tables {found - exact:+.5f}")
    return worst


def worsened(rows: Rows) -> Iterator[tuple[str, Rows]]:
    """Yield the served flights as a worse model would leave them."""
    random = np.random.default_rng(SEED)
    odds = np.log(rows.scores / (1 - rows.scores))
    for share in (0.03, 0.1, 0.2):
        flipped = np.where(random.random(len(odds)) < share, 1 - rows.labels, rows.labels)
        yield f"{share:.0%} of the labels flipped", Rows(rows.days, rows.scores, flipped)
    changed: dict[str, Floats] = {
        "scores + 0.05": np.clip(rows.scores + 0.05, 0, 1),
        "scores + 0.2": np.clip(rows.scores + 0.2, 0, 1),
        "log-odds doubled": 1 / (1 + np.exp(-2 * odds)),
    }
    for share in (0.3, 1.0):
        mixed = np.where(
            random.random(len(odds)) < share, random.permutation(rows.scores), rows.scores
        )
        changed[f"{share:.0%} of the scores shuffled"] = mixed
    changed["scores turned round"] = 1 - rows.scores
    for name, scores in changed.items():
        yield name, Rows(rows.days, scores, rows.labels)


class Judge:
    """Judges windows by the bins of one reference."""

    def __init__(self, reference: Tables, settings: Outcomes) -> None:
        self.edges, self._settings = reference.edges, settings

    def tables(self, rows: Rows) -> Days:
        """Return the rows' outcomes by day."""
        return tabulate("classification", self.edges, rows.days, rows.scores, rows.labels).days

    def __call__(self, reference: Days, window: Days) -> Judgement:
        """Return the judgement of one window."""
        known, current = (
            Tables(task="classification", edges=self.edges, days=dict(days))
            for days in (reference, window)
        )
        return judge(known, current, self._settings, SEED)


def shuffled(
    call: Judge, reference: Days, own: Days, windows: Days, n_shuffles: int
) -> tuple[float, float, int]:
    """Return how often windows of shuffled days are called worse, how often two of three, and how many.

    Days of the reference and of the service are exchanged; the windows are of days that were not drawn
    for the reference, taken from `windows`.
    """
    random = np.random.default_rng(SEED)
    pool, alarms, twice = {**reference, **own}, list[bool](), list[bool]()
    for _ in range(n_shuffles):
        order = random.permutation(sorted(pool)).tolist()
        # Named by place, so that days in a row are days drawn in a row.
        known = {f"{at:03}": pool[day] for at, day in enumerate(order[: len(reference)])}
        rest = [windows[day] for day in order[len(reference) :] if day in windows]
        found = [
            call(known, {str(at): day for at, day in enumerate(rest[first : first + N_DAYS])})
            for first in range(0, len(rest) - N_DAYS + 1, N_DAYS)
        ]
        assert all(one.level != "cannot_tell" for one in found)
        worse = [one.level == "watch" for one in found]
        alarms += worse
        twice += [sum(worse[at : at + 3]) >= 2 for at in range(len(worse) - 2)]
    return float(np.mean(alarms)), float(np.mean(twice)), len(alarms)


def weeks(days: Days) -> Iterator[tuple[str, Days]]:
    """Yield the windows of 7 days in their real order."""
    names = sorted(days)
    for first in range(0, len(names) - N_DAYS + 1, N_DAYS):
        chosen = names[first : first + N_DAYS]
        yield chosen[0], {day: days[day] for day in chosen}


def as_they_came(call: Judge, reference: Days, own: Days) -> None:
    """Print the weeks that are called worse."""
    found = [(first, call(reference, window)) for first, window in weeks(own)]
    worse = [(first, one) for first, one in found if one.level == "watch"]
    print(f"in real order: {len(worse)} of {len(found)} weeks are called worse")
    for first, one in worse:
        said = ", ".join(
            f"{each.name} {each.value:.3f} (reference {each.reference:.3f}, limit {each.limit:.3f})"
            for each in one.figures
            if each.level == "watch"
        )
        print(f"  week of {first}: {said}")


def advice(rows: Rows, own: Days, edges: tuple[float, ...], reference: Days) -> None:
    """Print how far figures without labels are off, beside using the reference's figure every time."""

    def measured(days: Days) -> dict[str, float]:
        sums = columns(Tables(task="classification", edges=edges, days=dict(days)))
        found = figures("classification", sums.summed(np.ones(sums.n_days)))
        return {name: float(value) for name, value in found.items()}

    constant, errors = measured(reference), list[list[float]]()
    names: Sequence[str] = ("roc_auc", "log_loss", "brier")
    for _, window in weeks(own):
        truth = measured(window)
        guess = label_free_advisory(rows.scores[np.isin(rows.days, list(window))])
        errors.append(
            [abs(guess[name] - truth[name]) for name in names]
            + [abs(constant[name] - truth[name]) for name in names]
        )
    means = np.mean(errors, axis=0)
    for at, name in enumerate(names):
        print(
            f"advice without labels, {name:8} off by {means[at]:.4f} per week; "
            f"the reference's figure by {means[at + len(names)]:.4f}"
        )


def main() -> int:
    """Print the figures and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shuffles", type=int, default=25)
    options = parser.parse_args()
    settings = load(Outcomes)
    known, rows = read_reference("models/reference_outcomes.json"), served()
    # Intervals do not enter the level.
    call = Judge(known, settings.model_copy(update={"n_resamples": 100}))
    own = call.tables(rows)
    error = auc_errors(rows, settings.bins)
    rate, twice, n = shuffled(call, known.days, own, {**known.days, **own}, options.shuffles)
    print(f"days shuffled: {rate:.1%} of {n} windows are called worse (limit {MAX_ALARMS:.0%}),")
    print(f"  two of three in {twice:.1%} (limit {MAX_TWICE:.1%})")
    n_power = min(options.shuffles, POWER_SHUFFLES)
    for name, worse in worsened(rows):
        found, _, n = shuffled(call, known.days, own, call.tables(worse), n_power)
        print(f"made worse, {name:28} {found:6.1%} of {n} windows")
    as_they_came(call, known.days, own)
    advice(rows, own, known.edges, known.days)
    print(f"AUC is off by at most {error:.5f} (limit {MAX_AUC_ERROR})")
    kept = error <= MAX_AUC_ERROR and rate <= MAX_ALARMS and twice <= MAX_TWICE
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
