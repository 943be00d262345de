"""Whether a challenger may replace the champion, and why, in sentences with the numbers.

In: conf/gate, the challenger's measures, its differences from the champion. Out: a Verdict. Nothing
is read or written, so the same evidence always gives the same verdict.
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
    """What one rule found."""

    rule: str
    result: Result
    detail: str


@dataclass(frozen=True)
class Verdict:
    """The decision, the sentences that led to it, and every rule that was looked at."""

    verdict: Decision
    reasons: tuple[str, ...]
    rules: tuple[RuleResult, ...]


def slice_confidence(confidence: float, n_slices: int) -> float:
    """Return the confidence that each slice's interval needs, given that `n_slices` are looked at.

    Many slices are many looks: at 95% each, one in 40 would look worse by chance alone. With
    Bonferroni's correction the chance of any such false alarm is at most that of a single look.
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
    """Return the verdict: any failed rule forbids, else any unknown one leaves open, else merge.

    `overall` None without a `champion_problem` means that no champion is named yet. `slices` holds,
    by a readable name, one difference for each slice, at slice_confidence(gate.confidence,
    len(slices)); ModelError if at less. With fewer than gate.min_rows labelled rows (`n`) no other
    rule is looked at.
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
        return RuleResult(
            "rows", "pass", f"{n} labelled rows, at least the {gate.min_rows} needed."
        )
    detail = f"{n} labelled rows, fewer than the {gate.min_rows} needed to judge anything."
    return RuleResult("rows", "unknown", detail)


def _floor(metric: Metric, floor: float, value: float | int | None) -> RuleResult:
    rule = f"floor {metric}"
    if value is None:
        return RuleResult(rule, "unknown", f"{metric} is undefined on the test rows.")
    word, passed = (
        ("minimum", value >= floor) if metric in HIGHER_IS_BETTER else ("maximum", value <= floor)
    )
    if passed:
        return RuleResult(rule, "pass", f"{metric} {value:.6g} keeps the {word} {floor:g}.")
    return RuleResult(rule, "fail", f"{metric} {value:.6g} breaks the {word} {floor:g}.")


def _champion(
    gate: Gate,
    overall: Difference | None,
    slices: Mapping[str, Difference],
    problem: str | None,
) -> list[RuleResult]:
    if problem is not None:
        detail = f"The champion could not be compared with: {problem}"
        return [RuleResult("champion", "unknown", detail)]
    if overall is None:
        detail = "There is no champion to compare with; the floors alone decide."
        return [RuleResult("champion", "pass", detail)]
    return [_overall(gate, overall)] + ([_slices(gate, slices)] if slices else [])


def _overall(gate: Gate, overall: Difference) -> RuleResult:
    result: Result
    if overall.low is None or overall.high is None or overall.difference is None:
        result, finding = "unknown", "no interval can be given for the difference to the champion"
    elif overall.low > 0:
        result, finding = "pass", "the challenger is better than the champion"
    elif overall.low >= -gate.margin:
        result, finding = (
            "pass",
            f"the challenger is no worse than the margin {gate.margin:g} allows",
        )
    elif overall.high < -gate.margin:
        result, finding = (
            "fail",
            f"the challenger is worse by more than the margin {gate.margin:g}",
        )
    else:
        result = "unknown"
        finding = f"the interval reaches below the margin -{gate.margin:g}, but not all of it"
    return RuleResult("champion", result, f"{_evidence(overall)}: {finding}.")


def _slices(gate: Gate, slices: Mapping[str, Difference]) -> RuleResult:
    """Fail on proof of harm only: a wide interval, or none, is named but does not fail a slice."""
    confidence = slice_confidence(gate.confidence, len(slices))
    worse, unclear = [], []
    for name, difference in slices.items():
        if difference.confidence < confidence - 1e-12:
            raise ModelError(
                f"slice {name} judged at too low a confidence",
                expected=f"{confidence:.6g}, for {len(slices)} slices",
                got=f"{difference.confidence:.6g}",
                fix="take slice_confidence(gate.confidence, n_slices)",
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
        return RuleResult("slices", "unknown", f"Of {looks}, none can be judged.{unjudged}")
    return RuleResult("slices", "pass", f"Of {looks}, none is shown to be {margin}.{unjudged}")


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
