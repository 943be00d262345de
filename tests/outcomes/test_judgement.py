"""The judgement: limits from the reference's own days, and `cannot_tell` where they cannot be known."""

import numpy as np
import pytest

from mooring.config.outcomes import Outcomes
from mooring.drift.levels import Unchecked
from mooring.errors import DataError
from mooring.outcomes.judgement import Judgement, judge
from mooring.outcomes.limits import JUDGED
from mooring.outcomes.tables import Tables
from tests.support.outcomes import SETTINGS, Rows, edges_for, regression_rows, rows

SEED = 13
REFERENCE = rows(60)
EDGES = edges_for(REFERENCE)
KNOWN = REFERENCE.tables(EDGES)
WINDOW = rows(7, seed=3)


def judged(window: Rows, **changes) -> Judgement:
    settings = SETTINGS.model_copy(update=changes)
    return judge(KNOWN, window.tables(EDGES), settings, SEED)


def levels(found: Judgement) -> dict[str, str]:
    return {each.name: each.level for each in found.figures if each.level}


def test_a_window_like_the_reference_is_quiet() -> None:
    found = judged(WINDOW)
    assert levels(found) == dict.fromkeys(JUDGED["classification"], "quiet")
    assert (found.level, found.reason) == (
        "quiet",
        "No figure is worse by more than chance explains and by enough to matter.",
    )
    assert found.unchecked == ()
    assert (found.predictions, found.labelled, found.coverage) == (1400, 1400, 1.0)
    by_name = {each.name: each for each in found.figures}
    assert list(by_name) == ["roc_auc", "roc_auc_within_days", "log_loss", "brier", "bias"]
    for each in found.figures:
        assert each.low < each.value < each.high
    assert by_name["roc_auc"].limit is None


def test_scores_that_say_nothing_are_worse_in_the_auc() -> None:
    random = np.random.default_rng(3)
    found = judged(Rows(WINDOW.days, random.permutation(WINDOW.scores), WINDOW.labels))
    assert found.level == "watch"
    assert levels(found)["roc_auc_within_days"] == "watch"
    assert found.reason.startswith("Worse than chance explains, and by enough to matter: roc_auc_w")
    figure = found.figures[1]
    assert figure.loss == pytest.approx(figure.reference - figure.value)
    assert figure.effect == pytest.approx(figure.loss / (figure.reference - 0.5))
    assert figure.loss > figure.limit


@pytest.mark.parametrize("shift", [0.4, -0.4])
def test_scores_that_are_too_high_or_too_low_are_worse_in_the_bias(shift: float) -> None:
    moved = Rows(WINDOW.days, np.clip(WINDOW.scores + shift, 0, 1), WINDOW.labels)
    found = judged(moved)
    assert found.level == "watch"
    assert levels(found)["bias"] == "watch"


def test_a_loss_that_chance_does_not_explain_but_that_is_small_is_quiet() -> None:
    random = np.random.default_rng(3)
    worse = Rows(WINDOW.days, random.permutation(WINDOW.scores), WINDOW.labels)
    assert judged(worse, min_effect=1.5).level == "quiet"


def test_a_better_model_is_quiet() -> None:
    found = judged(Rows(WINDOW.days, 0.5 * (WINDOW.scores + WINDOW.labels), WINDOW.labels))
    assert set(levels(found).values()) == {"quiet"}


@pytest.mark.parametrize(
    ("share", "changes", "reason"),
    [
        (0.7, {}, "70.0% of the predictions have a label, fewer than 80.0%."),
        (1.0, {"min_rows": 1401}, "1400 labelled rows, fewer than 1401."),
        (
            1.0,
            {"alpha": 0.01},
            "The reference has 60 blocks, fewer than the 106 needed.",
        ),
    ],
)
def test_too_little_cannot_tell_but_gives_figures(share: float, changes: dict, reason: str) -> None:
    known = np.arange(1400) % 10 < 10 * share
    found = judged(
        Rows(WINDOW.days, WINDOW.scores, np.where(known, WINDOW.labels, np.nan)), **changes
    )
    assert (found.level, found.reason) == ("cannot_tell", reason)
    assert set(levels(found).values()) == {"cannot_tell"}
    cause = "reference_too_small" if reason.startswith("The ref") else "too_few_labels"
    assert found.unchecked == (Unchecked(cause, JUDGED["classification"], reason),)
    assert all(each.value is not None for each in found.figures)


def test_no_outcomes_give_cannot_tell() -> None:
    empty = Tables(task="classification", edges=EDGES, days={})
    for known in (KNOWN, empty):
        found = judge(known, empty, SETTINGS, SEED)
        assert (found.level, found.reason) == (
            "cannot_tell",
            "No prediction is old enough to have a label.",
        )
    assert judge(empty, KNOWN, SETTINGS, SEED).level == "cannot_tell"


def test_a_window_with_one_class_gives_cannot_tell() -> None:
    found = judged(Rows(WINDOW.days, WINDOW.scores * 0.01, np.zeros(1400)))
    assert levels(found)["roc_auc_within_days"] == "cannot_tell"
    assert (found.level, found.reason) == ("cannot_tell", "Undefined: roc_auc_within_days.")
    assert [(each.cause, each.checks) for each in found.unchecked] == [
        ("undefined", ("roc_auc_within_days",))
    ]


def test_a_worse_figure_outweighs_an_undefined_one() -> None:
    found = judged(Rows(WINDOW.days, np.full(1400, 0.9), np.zeros(1400)))
    assert levels(found)["roc_auc_within_days"] == "cannot_tell"
    assert found.level == "watch"


def test_fewer_rows_a_day_are_given_a_wider_limit() -> None:
    thin = rows(7, 50, seed=3)
    wide, narrow = (judged(each).figures[3].limit for each in (thin, WINDOW))
    assert wide > 1.2 * narrow


def test_other_bins_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        judge(KNOWN, WINDOW.tables((0.5,)), SETTINGS, SEED)
    assert str(caught.value) == (
        "the window's outcomes are not counted in the reference's bins\n"
        "  fix: make the window's tables with the edges of the reference"
    )


def test_the_same_tables_give_the_same_judgement() -> None:
    decoded = Tables.decode(KNOWN.encode(), "here")
    window = WINDOW.tables(EDGES)
    assert judge(decoded, window, SETTINGS, SEED) == judge(KNOWN, window, SETTINGS, SEED)


@pytest.mark.parametrize(("offset", "level"), [(0.0, "quiet"), (150.0, "watch")])
def test_a_regression_is_judged_by_its_errors(offset: float, level: str) -> None:
    reference, window = regression_rows(60), regression_rows(7, seed=2)
    edges = edges_for(reference, "regression")
    moved = Rows(window.days, window.scores + offset, window.labels)
    tables = [each.tables(edges, "regression") for each in (reference, moved)]
    found = judge(*tables, SETTINGS, SEED)
    assert found.level == level
    assert levels(found) == dict.fromkeys(JUDGED["regression"], level)
    assert [each.name for each in found.figures] == ["mae", "rmse", "r2", "bias"]


def shuffled(settings: Outcomes, degrade, n_shuffles: int) -> float:
    """Return the share of windows of 7 shuffled days that are called worse."""
    pool = rows(200, 150)
    clean = pool.tables(EDGES).days
    served = degrade(pool).tables(EDGES).days
    random, alarms = np.random.default_rng(SEED), []
    for _ in range(n_shuffles):
        order = random.permutation(sorted(clean)).tolist()
        known = {f"{at:03}": clean[day] for at, day in enumerate(order[:120])}
        for first in range(120, 194, 7):
            window = {f"{at}": served[order[first + at]] for at in range(7)}
            sides = [
                Tables(task="classification", edges=EDGES, days=each) for each in (known, window)
            ]
            alarms.append(judge(*sides, settings, SEED).level == "watch")
    return float(np.mean(alarms))


@pytest.mark.parametrize(
    ("n_shuffles", "low", "high"),
    [
        pytest.param(3, 0.0, 0.13, marks=pytest.mark.slow),  # 33 windows: two standard errors, 7.6%
        pytest.param(25, 0.01, 0.076, marks=pytest.mark.prove),  # 275: 2.6%
    ],
)
def test_an_unchanged_model_is_called_worse_as_rarely_as_declared(
    n_shuffles: int, low: float, high: float, record_property
) -> None:
    settings = SETTINGS.model_copy(update={"n_resamples": 100, "min_effect": 0.0})
    rate = shuffled(settings, lambda pool: pool, n_shuffles)
    record_property("windows", 11 * n_shuffles)
    record_property("false alarms", rate)
    assert low <= rate < high


@pytest.mark.parametrize("n_shuffles", [1, pytest.param(4, marks=pytest.mark.prove)])
def test_a_fifth_of_the_labels_flipped_is_found(n_shuffles: int, record_property) -> None:
    def flip(pool: Rows) -> Rows:
        flipped = np.random.default_rng(4).random(len(pool.labels)) < 0.2
        return Rows(pool.days, pool.scores, np.where(flipped, 1 - pool.labels, pool.labels))

    settings = SETTINGS.model_copy(update={"n_resamples": 100})
    power = shuffled(settings, flip, n_shuffles)
    record_property("windows", 11 * n_shuffles)
    record_property("power", power)
    assert power > 0.9
