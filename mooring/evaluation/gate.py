"""The gate: whether a challenger may replace the champion, and why, in sentences with numbers.

In: conf/gate, the challenger's metrics, its differences from the champion. Out: a Verdict. A pure
function: the same evidence always gives the same verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mooring.config.gate import Gate
from mooring.config.metric import HIGHER_IS_BETTER, Metric
from mooring.errors import ModelError
from mooring.metrics.bootstrap import Difference

Result = Literal["pass", "fail", "unknown"]
Decision = Literal["merge", "do_not_merge", "cannot_tell"]
_DECISION: dict[Result, Decision] = {
    "fail": "do_not_merge",
    "unknown": "cannot_tell",
    "pass": "merge",
}


@dataclass(frozen=True)
class RuleResult:
    """The outcome of one rule."""

    rule: str
    result: Result
    detail: str


@dataclass(frozen=True)
class Verdict:
    """The decision, its reasons, and every rule that was applied."""

    verdict: Decision
    reasons: tuple[str, ...]
    rules: tuple[RuleResult, ...]


def slice_confidence(confidence: float, n_slices: int) -> float:
    """Return the confidence of each slice's interval, Bonferroni-corrected for `n_slices` slices.

    At 95% each, one slice in 40 would look worse by chance alone. With Bonferroni's correction the
    chance of any such false alarm is at most that of a single test.
    """
    return 1 - (1 - confidence) / max(n_slices, 1)


def decide(
    gate: Gate,
    metrics: Mapping[str, float | int | None],
    overall: Difference | None,
    slices: Mapping[str, Difference],
    n: int,
    champion_problem: str | None,
) -> Verdict:
    """Return the verdict: do_not_merge if any rule fails, else cannot_tell if any is unknown, else merge.

    `overall` None without a `champion_problem` means that there is no champion yet. `slices` holds,
    by a readable name, one difference for each slice, at slice_confidence(gate.confidence,
    len(slices)); ModelError for a lower confidence. With fewer than gate.min_rows labelled rows (`n`)
    no other rule is applied.
    """
    rules = [_rows(gate, n)]
    if rules[0].result == "pass":
        rules += [
            _floor(metric, floor, metrics.get(metric)) for metric, floor in gate.floors.items()
        ]
        rules += _champion(gate, overall, slices, champion_problem)
    results = {rule.result for rule in rules}
    worst = next(result for result in _DECISION if result in results)
    reasons = tuple(rule.detail for rule in rules if rule.result == worst)
    return Verdict(_DECISION[worst], reasons, tuple(rules))


def _rows(gate: Gate, n: int) -> RuleResult:
    if n >= gate.min_rows:
        return RuleResult("rows", "pass", f"{n} labelled rows; the gate requires {gate.min_rows}.")
    detail = f"Only {n} labelled rows; the gate requires {gate.min_rows}."
    return RuleResult("rows", "unknown", detail)


def _floor(metric: Metric, floor: float, value: float | int | None) -> RuleResult:
    rule = f"floor {metric}"
    if value is None:
        return RuleResult(rule, "unknown", f"{metric} is undefined on the test rows.")
    word, passed = (
        ("minimum", value >= floor) if metric in HIGHER_IS_BETTER else ("maximum", value <= floor)
    )
    if passed:
        return RuleResult(rule, "pass", f"{metric} {value:.6g} meets the {word} {floor:g}.")
    return RuleResult(rule, "fail", f"{metric} {value:.6g} violates the {word} {floor:g}.")


def _champion(
    gate: Gate,
    overall: Difference | None,
    slices: Mapping[str, Difference],
    problem: str | None,
) -> list[RuleResult]:
    if problem is not None:
        detail = f"The comparison with the champion is not possible: {problem}"
        return [RuleResult("champion", "unknown", detail)]
    if overall is None:
        detail = "There is no champion to compare with, so only the floors decide."
        return [RuleResult("champion", "pass", detail)]
    return [_overall(gate, overall)] + ([_slices(gate, slices)] if slices else [])


def _overall(gate: Gate, overall: Difference) -> RuleResult:
    result: Result
    if overall.low is None or overall.high is None or overall.difference is None:
        result, finding = (
            "unknown",
            "no interval for the difference from the champion (too few rows)",
        )
    elif overall.low > 0:
        result, finding = "pass", "the challenger is better than the champion"
    elif overall.low >= -gate.margin:
        result, finding = (
            "pass",
            f"the challenger is not worse by more than the margin {gate.margin:g}",
        )
    elif overall.high < -gate.margin:
        result, finding = (
            "fail",
            f"the challenger is worse by more than the margin {gate.margin:g}",
        )
    else:
        result = "unknown"
        finding = (
            f"the interval contains the margin -{gate.margin:g}, so the result is inconclusive"
        )
    return RuleResult("champion", result, f"{_evidence(overall)}: {finding}.")


def _slices(gate: Gate, slices: Mapping[str, Difference]) -> RuleResult:
    """Fail only if a slice is provably worse: a wide or missing interval is reported, but does not fail."""
    confidence = slice_confidence(gate.confidence, len(slices))
    worse, unclear = [], []
    for name, difference in slices.items():
        if difference.confidence < confidence - 1e-12:
            raise ModelError(
                f"the confidence of slice {name} is too low",
                expected=f"{confidence:.6g}, for {len(slices)} slices",
                got=f"{difference.confidence:.6g}",
                fix="use slice_confidence(gate.confidence, n_slices)",
            )
        if difference.high is None:
            unclear.append(name)
        elif difference.high < -gate.slice_margin:
            worse.append(f"{name} ({_evidence(difference)})")
    plural = "" if len(slices) == 1 else "s"
    looks = f"{len(slices)} slice{plural}, each at {100 * confidence:.4g}% confidence"
    margin = f"worse than the champion by more than {gate.slice_margin:g}"
    unjudged = f" Too few rows to judge {', '.join(unclear)}." if unclear else ""
    if worse:
        return RuleResult("slices", "fail", f"Of {looks}, {margin}: {'; '.join(worse)}.{unjudged}")
    if len(unclear) == len(slices):
        return RuleResult("slices", "unknown", f"None of {looks}, has enough rows.{unjudged}")
    return RuleResult("slices", "pass", f"Of {looks}, none is significantly {margin}.{unjudged}")


def _evidence(difference: Difference) -> str:
    by = "" if difference.n_blocks is None else f" in {difference.n_blocks} blocks"
    rows = f"{difference.n} rows{by}"
    if difference.low is None or difference.difference is None:
        return f"{difference.metric} on {rows}"
    return (
        f"{difference.metric} {difference.challenger:.6g} against the champion's "
        f"{difference.champion:.6g} on {rows}, a lead of {difference.difference:.6g} "
        f"({100 * difference.confidence:.4g}% interval {difference.low:.6g} to "
        f"{difference.high:.6g})"
    )
