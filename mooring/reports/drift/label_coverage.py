"""How many labels have arrived, and why predictions have none, for page, pull request and terminal.

In: a DriftReport. Out: a text.
"""

from mooring.diagnosis.report import DriftReport, OutcomesFinding
from mooring.reports.drift.facts import share
from mooring.reports.kit.wording import count, percent

LEFT_OUT = {
    "without_label": "whose label has not arrived",
    "contradictory": "whose key has contradictory labels",
    "unusable_labels": "whose label is not valid for the task",
    "without_key": "without a key to join a label by",
}
"""Why a prediction that was due has no label."""
ASIDE = {
    "too_young": "too young to have a label",
    "repeats": "repeats of a key",
    "unusable_scores": "without a usable score",
    "other_models": "of other models",
}
"""Why a prediction is not due a label."""


def coverage(report: DriftReport) -> str:
    """Say how many labels have arrived, and why others have not."""
    finding = report.outcomes
    if finding is None:
        return "No labels yet, so model quality is unknown."
    lines = [
        f"{count(finding.labelled)} of the {count(finding.due)} predictions that are old enough have a "
        f"label: {share(finding.coverage)}; {percent(finding.min_coverage)} are needed.",
        _reasons("Without a label:", finding, LEFT_OUT),
        _reasons("Not counted:", finding, ASIDE),
    ]
    left_out = finding.left_out
    if finding.due and not finding.labelled and left_out.without_label == finding.due:
        lines.append("No label matches a prediction's key: is --label-key the right column?")
    return " ".join(filter(None, lines))


def _reasons(what: str, outcomes: OutcomesFinding, names: dict[str, str]) -> str:
    counts = {name: getattr(outcomes.left_out, name) for name in names}
    said = [f"{count(n)} {names[name]}" for name, n in counts.items() if n]
    return f"{what} {', '.join(said)}." if said else ""
