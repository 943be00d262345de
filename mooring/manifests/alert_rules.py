"""The alert rules for Prometheus, made of conf/alerts, for the gauges of mooring.alerts.gauges.

In: the settings and the name of the data. Out: groups of rules, as plain values, and the PrometheusRule
that wraps them. Every rule takes the greatest over what differs by who was scraped (job, instance), so a
gauge that comes by two ways fires one alert.
"""

from typing import Any

from mooring.alerts.gauges import PREFIX
from mooring.alerts.runbooks import Alert, page
from mooring.config.alerts import Alerts

DATA = "{{ $labels.data }}"
MODEL = 'model {{ printf "%.12s" $labels.model }}'
HOUR_S = 3600
Rule = dict[str, Any]


def groups(settings: Alerts, data: str) -> dict[str, Any]:
    """Return a file of rules for the data of that name, as promtool and Prometheus read it."""
    findings = [*_verdicts(settings, data), _coverage(settings, data)]
    silences = [*_silences(settings, data), *_jobs(settings, data)]
    return {
        "groups": [
            {"name": f"{PREFIX}_{data}_findings", "rules": findings},
            {"name": f"{PREFIX}_{data}_silences", "rules": silences},
        ]
    }


def prometheus_rule(settings: Alerts, data: str) -> dict[str, Any]:
    """Return the same as the resource that the Prometheus Operator reads."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"mooring-drift-{data.replace('_', '-').strip('-')}"},
        "spec": groups(settings, data),
    }


def _rule(
    settings: Alerts, alert: Alert, severity: str, expr: str, summary: str, description: str
) -> Rule:
    return {
        "alert": alert,
        "expr": expr,
        "for": f"{settings.rules.pending_m}m",
        "labels": {"severity": severity},
        "annotations": {
            "summary": summary,
            "description": description,
            "runbook_url": page(settings.runbooks, alert),
        },
    }


def _newest(name: str, data: str, *by: str, **labels: str) -> str:
    matchers = ",".join(f'{key}="{value}"' for key, value in {"data": data, **labels}.items())
    return f"max by ({', '.join(('data', *by))}) ({PREFIX}_{name}{{{matchers}}})"


def _judged(settings: Alerts, data: str) -> str:
    """Return what holds for a model that the job still judges: others' gauges may lie about for ever."""
    success = _newest("last_success_timestamp_seconds", data, "model")
    return f"and time() - {success} <= {settings.rules.job_silence_h * HOUR_S}"


def _verdicts(settings: Alerts, data: str) -> list[Rule]:
    def rule(alert: Alert, severity: str, verdict: str, summary: str, description: str) -> Rule:
        gauge = _newest("verdict", data, "model", verdict=verdict)
        expr = f"{gauge} == 1\n{_judged(settings, data)}"
        return _rule(settings, alert, severity, expr, summary, description)

    return [
        rule(
            *("MooringDriftRetrain", "warning", "retrain"),
            f"{DATA}: {MODEL} should be trained again",
            "What is asked has moved away from the training data, or the model has become worse, far "
            "enough and for long enough to act. Columns that alarm:" + _columns("level", data),
        ),
        rule(
            *("MooringDriftFixData", "critical", "fix_data"),
            f"{DATA}: what {MODEL} is asked is broken",
            "A check of quality alarms. No training fixes that, and scores may be wrong now. "
            "Columns that alarm:" + _columns("quality_level", data),
        ),
        rule(
            *("MooringDriftWatch", "info", "watch"),
            f"{DATA}: {MODEL} is to be watched",
            "What is asked differs from the training data, but not by enough, or not for long enough, "
            "to act.",
        ),
        rule(
            *("MooringDriftCannotTell", "info", "cannot_tell"),
            f"{DATA}: there is no verdict on {MODEL}",
            "There is too little to judge by. Drift would not be seen.",
        ),
    ]


def _columns(gauge: str, data: str) -> str:
    """Return the template that names the columns of a model that alarm."""
    selector = f'{PREFIX}_{gauge}{{data="{data}",model="%s",level="alarm"}} == 1'
    query = f"printf `max by (column, segment) ({selector})` $labels.model | query"
    segment = "{{ with .Labels.segment }} ({{ . }}){{ end }}"
    each = f" {{{{ .Labels.column }}}}{segment}"
    return f"{{{{ range {query} }}}}{each}{{{{ else }}}} none{{{{ end }}}}."


def _coverage(settings: Alerts, data: str) -> Rule:
    coverage = _newest("label_coverage", data, "model")
    limit = _newest("label_coverage_limit", data, "model")
    return _rule(
        *(settings, "MooringLabelCoverageLow", "warning"),
        f"{coverage}\n< {limit}\n{_judged(settings, data)}",
        f"{DATA}: too few predictions of {MODEL} have a label",
        "Labels have come for {{ $value | humanizePercentage }} of the predictions that are due one. "
        "How good the model is cannot be told.",
    )


def _silences(settings: Alerts, data: str) -> list[Rule]:
    """Return the rules for what no longer comes, by how old it was at the job's last look: between two
    looks nothing is known, and a job that stops looking has a rule of its own."""
    profile = _newest("newest_profile_timestamp_seconds", data)
    label = _newest("newest_label_timestamp_seconds", data)
    success = _newest("last_success_timestamp_seconds", data)
    due = _newest("labels_due", data)
    limits = settings.rules
    return [
        _rule(
            *(settings, "MooringProfileSilence", "critical"),
            f"{success} - {profile} > {limits.profile_silence_h * HOUR_S}\n"
            f"or {success} unless {profile}",
            f"{DATA}: nothing is profiled",
            f"When the drift job last looked, no model had stored a profile for more than "
            f"{limits.profile_silence_h} hours, or ever: nothing is asked, or nothing is kept.",
        ),
        _rule(
            *(settings, "MooringLabelSilence", "warning"),
            f"{success} - {label} > {limits.label_silence_h * HOUR_S}\nor {due} > 0 unless {label}",
            f"{DATA}: no labels come",
            "When the drift job last looked, no label had come for more than "
            f"{limits.label_silence_h} hours, or ever, though some are due.",
        ),
    ]


def _jobs(settings: Alerts, data: str) -> list[Rule]:
    hours = settings.rules.job_silence_h
    success = _newest("last_success_timestamp_seconds", data)
    run = _newest("last_run_timestamp_seconds", data)
    seen = f'{PREFIX}_last_success_timestamp_seconds{{data="{data}"}}[{hours}h]'
    return [
        # A Pushgateway that restarts forgets; what it said within the limit still counts.
        _rule(
            *(settings, "MooringDriftJobSilent", "critical"),
            f"time() - {success} > {hours * HOUR_S}\nor absent_over_time({seen})",
            f"{DATA}: the drift job does not run",
            f"It has not succeeded for more than {hours} hours. Drift would not be seen.",
        ),
        _rule(
            *(settings, "MooringDriftJobFailing", "warning"),
            f"{run} > {success}",
            f"{DATA}: the drift job failed",
            "Its last run ended without a report.",
        ),
    ]
