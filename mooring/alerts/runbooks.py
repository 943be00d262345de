"""The alerts and their runbooks: docs/runbooks/<alert>.md.

A diagnosis in a webhook message links to the runbook of the alert that Prometheus fires on it.
"""

from typing import Literal

Alert = Literal[
    "MooringDriftRetrain",
    "MooringDriftWatch",
    "MooringDriftFixData",
    "MooringDriftCannotTell",
    "MooringLabelCoverageLow",
    "MooringLabelSilence",
    "MooringProfileSilence",
    "MooringDriftJobSilent",
    "MooringDriftJobFailing",
]
OF_DIAGNOSIS: dict[str, Alert] = {
    "retrain": "MooringDriftRetrain",
    "watch": "MooringDriftWatch",
    "fix_data": "MooringDriftFixData",
    "cannot_tell": "MooringDriftCannotTell",
}
"""The alert of each diagnosis; quiet has none."""


def page(runbooks: str, alert: Alert) -> str:
    """Return the path or the URL of an alert's runbook below `runbooks`."""
    return f"{runbooks}/{alert}.md"


def runbook(runbooks: str, diagnosis: str) -> str:
    """Return the runbook of a diagnosis; for quiet, which has no alert, the directory of all runbooks."""
    return page(runbooks, OF_DIAGNOSIS[diagnosis]) if diagnosis in OF_DIAGNOSIS else runbooks
