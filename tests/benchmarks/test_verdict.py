"""A limit is judged by the median of the turns' ratios, and against the peer that comes closest."""

import pytest

from benchmarks.load.figures import Load
from benchmarks.serving_cases.verdict import Case, Verdict, against_best, no_error, ratios


def loads(*rates: float, n_errors: int = 0) -> list[Load]:
    return [Load(rate, 1.0, 2.0, 3.0, n_errors, cpu_us=50.0) for rate in rates]


@pytest.mark.parametrize(
    ("side", "limit", "outcome"),
    [("at least", 2, "kept"), ("at least", 2.1, "missed"), ("at most", 2, "kept")],
)
def test_the_median_is_judged(side: str, limit: float, outcome: str) -> None:
    verdict = Verdict("ratio", side, limit, (1.0, 2.0, 9.0))  # type: ignore[arg-type]
    assert verdict.outcome == outcome
    assert str(verdict) == f"ratio: 2 (turns 1, 2, 9), limit {side} {limit:g}: {outcome}"


def test_what_cannot_be_measured_is_said_and_not_missed() -> None:
    verdict = Verdict("workers", "at least", 1.7, (), not_judged="2 cores")
    assert str(verdict) == "workers: 2 cores, limit at least 1.7: not judged"


def test_what_the_scorer_refuses_is_missed() -> None:
    assert Verdict("Arrow", "at least", 2, (), refused="415").outcome == "missed"


def test_ratios_are_those_of_each_turn() -> None:
    assert ratios(loads(10, 30), loads(5, 10)) == (2, 3)


def test_the_closest_peer_is_the_one_that_counts() -> None:
    peers = {"slow": loads(1, 1), "fast": loads(5, 4)}
    verdict = against_best("throughput", 3, loads(20, 20), peers)
    assert verdict == Verdict("throughput (fast)", "at least", 3, (4, 5))


def test_one_error_in_one_turn_is_a_miss() -> None:
    assert no_error("scorer", loads(1, 2)).outcome == "kept"
    assert no_error("scorer", [*loads(1), *loads(2, n_errors=1)]).outcome == "missed"


def test_a_case_shows_medians_and_all_errors() -> None:
    case = Case("one row", {"scorer": [*loads(1, 5), *loads(3, n_errors=2)]}, ())
    assert case.middle("scorer") == Load(3, 1.0, 2.0, 3.0, 2, cpu_us=50.0)
