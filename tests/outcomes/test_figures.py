"""Figures from merged tables, against scikit-learn on the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    brier_score_loss,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from mooring.outcomes.figures import columns, figures, spread
from mooring.outcomes.tables import Tables
from tests.support.outcomes import Rows, chance, edges_for, names, regression_rows, rows

AUC_ERROR = 0.0015


def of(tables: Tables) -> dict[str, float]:
    found = columns(tables)
    values = figures(tables.task, found.summed(np.ones(found.n_days)))
    return {name: float(value) for name, value in values.items()}


def hostile() -> dict[str, tuple[Rows, Rows]]:
    """Return rows that edges are made from, and rows that are counted."""
    some = rows(40, 500)
    odds = np.log(some.scores / (1 - some.scores))
    random = np.random.default_rng(2)

    def rescored(scores) -> Rows:
        return Rows(some.days, scores, some.labels)

    def drawn(scores) -> Rows:
        return Rows(some.days, scores, (random.random(len(scores)) < scores).astype(float))

    normal = random.normal(size=len(odds))
    own = {
        "as trained": some,
        "one in 400": drawn(chance(3 * normal - 9)),
        "all but sure": drawn(chance(20 * normal)),
        "ten values": rescored(np.round(some.scores, 1)),
        "one value for half": rescored(np.where(normal > 0, 0.2, some.scores)),
        "zeros and ones among them": rescored(np.where(normal > 1, normal > 2, some.scores)),
        "all within 0.0001": rescored(0.3 + 1e-4 * some.scores),
        "near 1": rescored(1 - 1e-3 * some.scores),
        "no skill": rescored(random.random(len(odds))),
        "constant": rescored(np.full(len(odds), 0.25)),
    }
    served = {
        "moved up": rescored(np.clip(some.scores + 0.05, 0, 1)),
        "log-odds raised": rescored(chance(odds + 2)),
        "log-odds lowered": rescored(chance(odds - 2)),
        "in a quarter of the range": rescored(0.3 + 0.25 * some.scores),
        "turned round": rescored(1 - some.scores),
    }
    return {name: (each, each) for name, each in own.items()} | {
        f"served {name}": (some, each) for name, each in served.items()
    }


HOSTILE = hostile()


@pytest.mark.parametrize("name", HOSTILE)
def test_the_auc_of_tables_is_that_of_the_rows(name: str) -> None:
    reference, some = HOSTILE[name]
    found = of(some.tables(edges_for(reference)))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(some.labels, some.scores), abs=AUC_ERROR)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_losses_are_exact(name: str) -> None:
    reference, some = HOSTILE[name]
    found = of(some.tables(edges_for(reference)))
    clipped = np.clip(some.scores, 1e-6, 1 - 1e-6)
    assert found["brier"] == pytest.approx(brier_score_loss(some.labels, some.scores), abs=1e-11)
    assert found["log_loss"] == pytest.approx(log_loss(some.labels, clipped), abs=1e-11)
    assert found["bias"] == pytest.approx(some.scores.mean() - some.labels.mean(), abs=1e-11)


def test_scores_that_the_bins_cannot_tell_apart_have_no_auc() -> None:
    some = rows(5)
    squeezed = Rows(some.days, 0.3 + 0.001 * some.scores, some.labels)
    found = of(squeezed.tables(edges_for(some)))
    assert np.isnan(found["roc_auc"])
    assert np.isnan(found["roc_auc_within_days"])
    assert found["brier"] == pytest.approx(brier_score_loss(some.labels, squeezed.scores))


def test_within_days_only_rows_of_a_day_are_compared() -> None:
    """Scores that know which day is bad, and nothing else, have skill over all days and none within."""
    day = np.repeat([0, 1], 100)
    labels = np.concatenate([np.arange(100) < 20, np.arange(100) < 80]).astype(float)
    some = Rows(names(day), np.where(day == 0, 0.2, 0.8), labels)
    found = of(some.tables((0.5,)))
    assert found["roc_auc"] == pytest.approx(0.8)
    assert found["roc_auc_within_days"] == 0.5


def test_within_days_is_the_mean_of_the_days_weighed_by_pairs_per_row() -> None:
    some = rows(6, 400)
    tables = some.tables(edges_for(some))
    aucs, weights = [], []
    for day in tables.days:
        mine = some.days == day
        aucs.append(roc_auc_score(some.labels[mine], some.scores[mine]))
        n_positive = some.labels[mine].sum()
        weights.append(n_positive * (mine.sum() - n_positive) / mine.sum())
    expected = np.average(aucs, weights=weights)
    assert of(tables)["roc_auc_within_days"] == pytest.approx(expected, abs=AUC_ERROR)


def test_a_regression_has_exact_figures() -> None:
    some = regression_rows(10)
    edges = edges_for(some, "regression")
    tables = some.tables(edges, "regression")
    expected = {
        "mae": mean_absolute_error(some.labels, some.scores),
        "rmse": root_mean_squared_error(some.labels, some.scores),
        "r2": r2_score(some.labels, some.scores),
        "bias": (some.scores - some.labels).mean(),
    }
    assert of(tables) == pytest.approx(expected, rel=1e-7)
    sums = columns(tables).summed(np.ones(10))
    assert spread("regression", sums) == pytest.approx(some.labels.std(), rel=1e-7)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_has_losses_and_no_auc(label: float) -> None:
    some = Rows(names(np.zeros(3, int)), np.array([0.1, 0.2, 0.3]), np.full(3, label))
    found = of(some.tables((0.15,)))
    assert np.isnan(found["roc_auc"])
    assert found["brier"] == pytest.approx(np.mean((some.scores - label) ** 2))


def test_labels_that_are_all_the_same_have_no_r2() -> None:
    some = Rows(names(np.zeros(3, int)), np.array([1.0, 2.0, 3.0]), np.full(3, 0.1))
    assert np.isnan(of(some.tables((), "regression"))["r2"])


@pytest.mark.parametrize(("task", "edges"), [("classification", (0.5,)), ("regression", ())])
def test_no_rows_have_no_figures(task, edges) -> None:
    found = of(Tables(task=task, edges=edges, days={}))
    assert np.isnan(list(found.values())).all()


@given(st.permutations(range(12)), st.lists(st.integers(0, 5), min_size=12, max_size=12))
def test_the_order_of_days_changes_no_digit(order, weights) -> None:
    tables = rows(12, 50).tables(edges_for(rows(12, 50)))
    days = list(tables.days)
    moved = Tables(
        task="classification",
        edges=tables.edges,
        days={days[at]: tables.days[days[at]] for at in order},
    )
    counts = np.array(weights)
    one = figures("classification", columns(tables).summed(counts))
    other = figures("classification", columns(moved).summed(counts[order]))
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name])
