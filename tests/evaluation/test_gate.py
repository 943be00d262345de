"""The verdict follows from the rules, and says why with the numbers."""

import itertools

import pytest

from mooring.config.gate import Gate
from mooring.errors import ModelError
from mooring.evaluation.gate import RuleResult, Verdict, decide, slice_confidence
from mooring.metrics.bootstrap import Difference

GATE = Gate(
    metric="roc_auc",
    floors={"roc_auc": 0.6},
    margin=0.002,
    slice_margin=0.02,
    confidence=0.95,
    n_resamples=2000,
    min_rows=1000,
    parity_atol=1e-6,
)
METRICS = {"roc_auc": 0.71}
ROWS = RuleResult("rows", "pass", "5000 labelled rows; the gate requires 1000.")
FLOOR = RuleResult("floor roc_auc", "pass", "roc_auc 0.71 meets the minimum 0.6.")


def difference(low: float | None, high: float | None, confidence: float = 0.95) -> Difference:
    middle = None if low is None or high is None else (low + high) / 2
    champion = None if middle is None else 0.71 - middle
    return Difference("roc_auc", 5000, 30, 0.71, champion, middle, low, high, confidence)


def decided(overall=None, slices=None, n=5000, problem=None, gate=GATE, metrics=METRICS) -> Verdict:
    return decide(gate, metrics, overall, slices or {}, n, problem)


def test_without_a_champion_only_the_floors_decide():
    champion = RuleResult(
        "champion", "pass", "There is no champion to compare with, so only the floors decide."
    )
    rules = (ROWS, FLOOR, champion)
    assert decided() == Verdict("merge", tuple(rule.detail for rule in rules), rules)


def test_too_few_rows_cannot_tell_and_no_other_rule_is_applied():
    detail = "Only 999 labelled rows; the gate requires 1000."
    got = decided(difference(-0.9, -0.8), n=999, metrics={"roc_auc": 0.1})
    assert got == Verdict("cannot_tell", (detail,), (RuleResult("rows", "unknown", detail),))


def test_exactly_enough_rows_are_enough():
    assert decided(n=1000).verdict == "merge"


@pytest.mark.parametrize(
    ("metric", "floor", "value", "verdict", "reason"),
    [
        ("roc_auc", 0.6, 0.59, "do_not_merge", "roc_auc 0.59 violates the minimum 0.6."),
        ("roc_auc", 0.6, 0.6, "merge", "roc_auc 0.6 meets the minimum 0.6."),
        ("rmse", 60.0, 61.25, "do_not_merge", "rmse 61.25 violates the maximum 60."),
        ("rmse", 60.0, 60.0, "merge", "rmse 60 meets the maximum 60."),
        ("roc_auc", 0.6, None, "cannot_tell", "roc_auc is undefined on the test rows."),
    ],
)
def test_a_floor_is_a_minimum_or_a_maximum_by_the_metrics_direction(
    metric, floor, value, verdict, reason
):
    gate = GATE.model_copy(update={"floors": {metric: floor}})
    got = decided(gate=gate, metrics={metric: value})
    assert got.verdict == verdict
    assert reason in got.reasons


def test_a_metric_that_was_not_measured_cannot_tell():
    assert decided(metrics={}).reasons == ("roc_auc is undefined on the test rows.",)


def test_a_champion_that_cannot_run_cannot_tell():
    got = decided(problem="its model file is missing.")
    assert got.verdict == "cannot_tell"
    assert got.reasons == (
        "The comparison with the champion is not possible: its model file is missing.",
    )


def test_a_broken_floor_forbids_even_when_the_champion_cannot_run():
    got = decided(problem="its model file is missing.", metrics={"roc_auc": 0.5})
    assert got.verdict == "do_not_merge"
    assert got.reasons == ("roc_auc 0.5 violates the minimum 0.6.",)


@pytest.mark.parametrize(
    ("low", "high", "verdict", "finding"),
    [
        (0.004, 0.016, "merge", "the challenger is better than the champion"),
        (0.0, 0.0, "merge", "the challenger is not worse by more than the margin 0.002"),
        (-0.002, 0.004, "merge", "the challenger is not worse by more than the margin 0.002"),
        (
            -0.016,
            -0.004,
            "do_not_merge",
            "the challenger is worse by more than the margin 0.002",
        ),
        (
            -0.006,
            0.002,
            "cannot_tell",
            "the interval contains the margin -0.002, so the result is inconclusive",
        ),
        (
            -0.004,
            -0.002,
            "cannot_tell",
            "the interval contains the margin -0.002, so the result is inconclusive",
        ),
    ],
)
def test_the_interval_against_the_margin_decides(low, high, verdict, finding):
    got = decided(difference(low, high))
    middle = (low + high) / 2
    assert got.verdict == verdict
    assert got.reasons[-1] == (
        f"roc_auc 0.71 against the champion's {0.71 - middle:.6g} on 5000 rows in 30 blocks, "
        f"a lead of {middle:.6g} (95% interval {low:g} to {high:g}): {finding}."
    )


def test_no_interval_cannot_tell():
    assert decided(difference(None, None)).reasons == (
        "roc_auc on 5000 rows in 30 blocks: "
        "no interval for the difference from the champion (too few rows).",
    )


def test_one_worse_slice_forbids_the_merge_and_is_named():
    slices = {
        "carrier AA": difference(-0.01, 0.03, 0.975),
        "carrier UA": difference(-0.05, -0.03, 0.975),
    }
    got = decided(difference(0.004, 0.016), slices)
    assert got.verdict == "do_not_merge"
    assert got.reasons == (
        "Of 2 slices, each at 97.5% confidence, worse than the champion by more than 0.02: "
        "carrier UA (roc_auc 0.71 against the champion's 0.75 on 5000 rows in 30 blocks, "
        "a lead of -0.04 (97.5% interval -0.05 to -0.03)).",
    )


@pytest.mark.parametrize("high", [-0.02, 0.5])
def test_a_slice_that_may_be_within_the_margin_does_not_forbid(high):
    got = decided(difference(0.004, 0.016), {"carrier AA": difference(-0.9, high)})
    assert got.verdict == "merge"
    assert got.reasons[-1] == (
        "Of 1 slice, each at 95% confidence, "
        "none is significantly worse than the champion by more than 0.02."
    )


def test_slices_without_an_interval_are_named_but_do_not_forbid():
    slices = {"a": difference(0.0, 0.1, 0.975), "b": difference(None, None, 0.975)}
    got = decided(difference(0.004, 0.016), slices)
    assert got.verdict == "merge"
    assert got.reasons[-1].endswith("by more than 0.02. Too few rows to judge b.")


def test_slices_that_all_lack_an_interval_cannot_tell():
    got = decided(difference(0.004, 0.016), {"b": difference(None, None)})
    assert got.verdict == "cannot_tell"
    assert got.reasons == (
        "None of 1 slice, each at 95% confidence, has enough rows. Too few rows to judge b.",
    )


def test_slices_without_bonferroni_correction_are_refused():
    slices = {name: difference(0.0, 0.1) for name in "abcd"}
    with pytest.raises(ModelError) as caught:
        decided(difference(0.0, 0.1), slices)
    assert str(caught.value) == (
        "the confidence of slice a is too low\n"
        "  expected: 0.9875, for 4 slices\n"
        "  got: 0.95\n"
        "  fix: use slice_confidence(gate.confidence, n_slices)"
    )


def test_slice_confidence_is_bonferroni_corrected():
    assert slice_confidence(0.95, 20) == pytest.approx(0.9975)
    assert slice_confidence(0.95, 1) == slice_confidence(0.95, 0) == pytest.approx(0.95)


def test_any_failed_rule_outranks_any_unknown_one():
    floors = {0.5: "fail", None: "unknown", 0.7: "pass"}
    overalls = {
        "fail": difference(-0.2, -0.1),
        "unknown": difference(-0.1, 0.1),
        "pass": difference(0.1, 0.2),
    }
    for (value, floor), (result, overall) in itertools.product(floors.items(), overalls.items()):
        both = {floor, result}
        expected = (
            "do_not_merge" if "fail" in both else "cannot_tell" if "unknown" in both else "merge"
        )
        got = decided(overall, metrics={"roc_auc": value})
        assert got.verdict == expected
        assert [rule.result for rule in got.rules] == ["pass", floor, result]
