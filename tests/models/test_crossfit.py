"""Scores on rows that a model was not fitted on, nor on any of their block."""

import numpy as np
import pytest

from mooring.errors import ModelError
from mooring.models.crossfit import folds_of, out_of_fold

BLOCKS = np.array([7, 3, 3, 9, 7, 1, 5, 5, 5, 11])


def test_folds_are_runs_of_whole_neighbouring_blocks():
    assert folds_of(BLOCKS, 3).tolist() == [1, 0, 0, 2, 1, 0, 1, 1, 1, 2]


def test_folds_take_names_and_days():
    days = np.array(["2013-01-02", "2013-01-01", "2013-01-03"])
    assert folds_of(days, 2).tolist() == [0, 0, 1]
    assert folds_of(days.astype("datetime64[D]"), 3).tolist() == [1, 0, 2]


def test_every_row_is_scored_once_by_a_fit_on_other_blocks():
    seen = []

    def fit_and_score(train, test):
        assert not np.any(train & test) and np.all(train | test)
        assert not set(BLOCKS[train]) & set(BLOCKS[test])
        seen.extend(np.flatnonzero(test))
        return np.flatnonzero(test) * 10.0

    scores = out_of_fold(BLOCKS, 3, fit_and_score)
    assert sorted(seen) == list(range(len(BLOCKS)))
    assert scores.tolist() == [row * 10.0 for row in range(len(BLOCKS))]


def test_each_fold_is_scored_by_the_fit_on_the_others():
    target = np.array([0.0, 0.0, 6.0, 6.0])
    scores = out_of_fold(
        np.array([1, 1, 2, 2]),
        2,
        lambda train, test: np.full(int(test.sum()), target[train].mean()),
    )
    assert scores.tolist() == [6.0, 6.0, 0.0, 0.0]


@pytest.mark.parametrize(("n_folds", "n_blocks"), [(7, 6), (1, 6), (0, 6)])
def test_too_few_blocks_or_folds_are_refused(n_folds, n_blocks):
    with pytest.raises(ModelError) as caught:
        folds_of(BLOCKS, n_folds)
    assert str(caught.value) == (
        "too few blocks for out-of-fold scores\n"
        f"  expected: at least 2 folds, and one block for each of {n_folds} folds\n"
        f"  got: {n_blocks} blocks\n"
        "  fix: widen the train window in conf/window/, or lower drift.reference_folds"
    )


def test_another_number_of_scores_is_refused():
    with pytest.raises(ModelError) as caught:
        out_of_fold(np.array([1, 2, 2]), 2, lambda train, test: np.zeros(1))
    assert str(caught.value) == (
        "fold 1 does not have one score for each row\n  expected: shape (2,)\n  got: shape (1,)"
    )
