"""The direction of a metric, and the slices sorted by it, for tables and charts."""

from mooring.config.metric import HIGHER_IS_BETTER
from mooring.reports.training.findings import Facts, Findings


def better(metric: str) -> str:
    """Return which way a metric is better: `more` or `less`."""
    return "more" if metric in HIGHER_IS_BETTER else "less"


def worst_first(findings: Findings) -> list[Facts]:
    """Return the slices that have the gate's metric, the worst first."""
    metric = findings.gate.metric
    defined = [row for row in findings.slices if row[metric] is not None]
    return sorted(
        defined, key=lambda row: float(row[metric]), reverse=metric not in HIGHER_IS_BETTER
    )
