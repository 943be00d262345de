"""How many labels have come, and why predictions have none: what page, pull request and terminal say.

In: a DriftReport. Out: a text.
"""

from mooring.diagnosis.report import DriftReport, OutcomesFinding
from mooring.reports.drift.facts import share
from mooring.reports.kit.wording import count, percent

LEFT_OUT = {
    "without_label": "whose label has not come",
    "contradictory": "whose key has contradictory labels",
    "unusable_labels": "whose label is not a label of this task",
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
    """Say how many labels have come, and why others have not."""
    found = report.outcomes
    if found is None:
        return "No labels yet, so model quality is unknown."
    said = [
        f"{count(found.labelled)} of the {count(found.due)} predictions that are old enough have a label: "
        f"{share(found.coverage)}; {percent(found.min_coverage)} are needed.",
        _reasons("Without a label:", found, LEFT_OUT),
        _reasons("Not counted:", found, ASIDE),
    ]
    left_out = found.left_out
    if found.due and not found.labelled and left_out.without_label == found.due:
        said.append("No label has the key of a prediction: is --label-key the right column?")
    return " ".join(filter(None, said))


def _reasons(what: str, found: OutcomesFinding, names: dict[str, str]) -> str:
    counts = {name: getattr(found.left_out, name) for name in names}
    said = [f"{count(n)} {names[name]}" for name, n in counts.items() if n]
    return f"{what} {', '.join(said)}." if said else ""
