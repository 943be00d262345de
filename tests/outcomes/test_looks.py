"""One bad window may be chance; the same again, in windows that share no day, is not."""

import datetime
from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mooring.config.drift import Persistence
from mooring.diagnosis.deciding import decided
from mooring.diagnosis.label_finding import outcomes_finding
from mooring.diagnosis.report import OutcomesFinding
from mooring.drift import judging
from mooring.drift.thresholds import calibrate
from mooring.outcomes.judgement import judge
from mooring.outcomes.looks import Looks, look
from tests.support.drift_reports import left_out
from tests.support.drifting import current_days, reference_days, settings
from tests.support.outcomes import SETTINGS, Rows, edges_for, rows
from tests.support.served_days import asked

SEED = 13
REFERENCE = rows(60, seed=100)
EDGES = edges_for(REFERENCE)
KNOWN = REFERENCE.tables(EDGES)
WEEK, N_WEEKS = 7, 3
SERVED = rows(WEEK * N_WEEKS, seed=7)
LAST = datetime.date(2024, 1, 21)
PERSISTENCE = Persistence(alarms=2, looks=3)


def with_noise(weeks: Collection[int], served: Rows = SERVED) -> Rows:
    """Return rows whose scores say nothing in some weeks, by number."""
    week = (served.days.astype("datetime64[D]") - np.datetime64("2024-01-01")).astype(int) // WEEK
    scores = served.scores.copy()
    for number in weeks:
        of = np.flatnonzero(week == number)
        scores[of] = np.random.default_rng(number).permutation(scores[of])
    return Rows(served.days, scores, served.labels)


def looked(served: Rows, last: datetime.date = LAST) -> Looks:
    return look(
        KNOWN,
        served.tables(EDGES),
        last=last,
        window_days=WEEK,
        persistence=PERSISTENCE,
        settings=SETTINGS,
        seed=SEED,
    )


def finding(looks: Looks) -> OutcomesFinding:
    window = SERVED.tables(EDGES).between("2024-01-15", "2024-01-21")
    return outcomes_finding(looks, window, asked(), {}, left_out(too_young=9, repeats=2))


CASES = {
    (): ("quiet", "No figure is worse by more than chance explains and by enough to matter."),
    (2,): ("watch", " Not yet in enough of the last windows to be sure."),
    (0,): ("quiet", "No figure is worse by more than chance explains and by enough to matter."),
    (1, 2): ("alarm", "Worse in 2 of the last 3 windows. Worse than chance explains"),
    (0, 1): ("alarm", "Worse in 2 of the last 3 windows. In the newest: No figure is worse"),
    (0, 1, 2): ("alarm", "Worse in 3 of the last 3 windows. Worse than chance explains"),
}


@pytest.mark.parametrize("weeks", CASES, ids=str)
def test_two_bad_weeks_of_three_are_an_alarm_and_one_is_not(weeks: tuple[int, ...]) -> None:
    looks = looked(with_noise(weeks))
    assert (looks.n_worse, looks.n_looks) == (len(weeks), 3)
    found = finding(looks)
    level, sentence = CASES[weeks]
    assert (found.level, sentence in found.sentence) == (level, True), found.sentence
    worse = {figure.level for figure in found.figures if figure.level} - {"quiet"}
    assert worse <= {level}
    assert (found.predictions, found.due) == (found.due + 9, looks.newest.predictions)
    assert bool(worse) == (2 in weeks)


def test_a_single_window_confirms_nothing() -> None:
    looks = looked(with_noise([0]), last=datetime.date(2024, 1, 7))
    assert (list(looks.windows), looks.n_worse, looks.n_looks) == (
        [datetime.date(2024, 1, 7)],
        1,
        1,
    )
    assert not looks.confirmed
    assert finding(looks).level == "watch"


def test_every_whole_window_is_a_point_of_a_figure_s_line() -> None:
    found = finding(looked(SERVED))
    for figure in found.figures:
        days = [point.last for point in figure.line]
        assert days == [LAST - datetime.timedelta(days=back) for back in range(14, -1, -1)]
        newest = figure.line[-1]
        told = (newest.value, newest.limit, newest.low, newest.high)
        assert told == (figure.value, figure.limit, figure.low, figure.high)
    assert len({point.value for point in found.figures[0].line}) == 15


@given(st.integers(0, 20))
def test_a_window_is_judged_the_same_alone(back: int) -> None:
    last = LAST - datetime.timedelta(days=back)
    looks = looked(SERVED, last)
    first = str(last - datetime.timedelta(days=WEEK - 1))
    alone = judge(KNOWN, SERVED.tables(EDGES).between(first, str(last)), SETTINGS, SEED)
    assert looks.newest == alone


def test_labels_that_have_not_come_cannot_tell_but_two_bad_weeks_before_can() -> None:
    early = Rows(
        SERVED.days, SERVED.scores, np.where(SERVED.days > "2024-01-14", np.nan, SERVED.labels)
    )
    assert finding(looked(early)).level == "cannot_tell"
    found = finding(looked(with_noise([0, 1], early)))
    assert found.level == "alarm"
    assert "In the newest: 0.0% of the predictions have a label" in found.sentence


def test_one_bad_week_is_watched_and_two_propose_to_retrain() -> None:
    drift = settings()
    days, now = reference_days(), current_days()
    data = judging.judge(calibrate(days, drift, SEED), now, drift)
    told = [
        decided(data, (), finding(looked(with_noise(weeks))), (), asked())
        for weeks in ([], [2], [1, 2])
    ]
    assert [diagnosis for diagnosis, _ in told] == ["quiet", "watch", "retrain"]
    assert "roc_auc_within_days" in told[1][1]
