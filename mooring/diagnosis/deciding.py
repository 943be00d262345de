"""From what was judged to one verdict, its reason, and what to do about it."""

from collections.abc import Sequence

from mooring.diagnosis.report import Finding as Verdict
from mooring.diagnosis.report import OutcomesFinding, QualityFinding
from mooring.drift.judging import ColumnDrift, DataDrift
from mooring.profiles.segments import segment_of, spoken

STEPS: dict[Verdict, tuple[str, ...]] = {
    "quiet": ("Nothing needs doing.",),
    "watch": ("Look again when the next day is complete: mooring drift",),
    "retrain": (
        "Move the train window in conf/window towards the days that differ.",
        "Retrain and look at the verdict: dvc repro, then mooring gate",
        "Propose it in a pull request, with this report.",
    ),
    "fix_data": (
        "Look at what sends the rows, at the columns and days named under quality.",
        "Do not retrain on these days: the model would learn the fault.",
        "Where the rows are right after all, as with a category that is new, move the train window in "
        "conf/window once it holds enough of them.",
    ),
    "cannot_tell": ("Wait for more days, rows or labels, then: mooring drift",),
}


def decided(
    drift: DataDrift, quality: Sequence[QualityFinding], outcomes: OutcomesFinding | None
) -> tuple[Verdict, str]:
    """Return the verdict and its reason: broken data first, which no training fixes."""
    broken = sorted({each.column or "volume" for each in quality if each.level == "alarm"})
    if broken:
        return "fix_data", f"What comes in is broken: {', '.join(broken)}."
    reasons = []
    if drift.retrains:
        names = [_spoken(each) for each in drift.columns if each.retrains]
        reasons.append(f"Moved away from the reference, for long enough: {', '.join(names)}.")
    if outcomes is not None and outcomes.level == "alarm":
        reasons.append(outcomes.sentence)
    if reasons:
        return "retrain", " ".join(reasons)
    moved = [
        _spoken(each) for each in drift.columns if each.outcome in ("drift", "confirmed_drift")
    ]
    moved += sorted({each.column or "volume" for each in quality})
    if outcomes is not None:
        moved += [figure.metric for figure in outcomes.figures if figure.level == "watch"]
    if moved:
        names = list(dict.fromkeys(moved))
        return "watch", f"Differs, but not by enough or not for long enough: {', '.join(names)}."
    if drift.outcome == "cannot_tell":
        return "cannot_tell", drift.reason or "Too few values in every column."
    return "quiet", "Nothing differs from the reference by more than its own windows do."


def _spoken(each: ColumnDrift) -> str:
    return spoken(*segment_of(each.column))
