"""The metrics that Git keeps, so that `dvc metrics diff` compares commits: reports/metrics.json.

In: the findings. Out: one flat mapping of finite numbers, without undefined metrics.
"""

from mooring.reports.training.findings import Facts, Findings


def headline(findings: Findings) -> dict[str, float | int]:
    """Return the metrics, the worst slice of each metric of the gate, the parity and the lead."""
    named: Facts = dict(findings.metrics)
    named["parity_max_abs_difference"] = findings.parity["max_abs_difference"]
    for metric in {findings.gate.metric, *findings.gate.floors}:
        worst = findings.worst.get(metric)
        if worst is not None:
            named[f"worst_slice_{metric}"] = worst[metric]
            named[f"worst_slice_{metric}_n"] = worst["n"]
    overall = findings.comparison["overall"] or {}
    for name in ("difference", "low", "high"):
        named[f"champion_{name}"] = overall.get(name)
    return {name: value + 0 for name, value in named.items() if value is not None}  # never -0.0
