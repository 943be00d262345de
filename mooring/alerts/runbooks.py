"""The alerts and their runbooks: docs/runbooks/<alert>.md.

A diagnosis that a webhook is sent has the page of the alert that Prometheus fires on it.
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
"""By the diagnosis; quiet is nothing to act on."""


def page(runbooks: str, alert: Alert) -> str:
    """Return the path or the URL of an alert's runbook below `runbooks`."""
    return f"{runbooks}/{alert}.md"


def runbook(runbooks: str, diagnosis: str) -> str:
    """Return the page for a diagnosis, and for quiet, on which no alert fires, the place of them all."""
    return page(runbooks, OF_DIAGNOSIS[diagnosis]) if diagnosis in OF_DIAGNOSIS else runbooks
