"""The Prometheus alert rules for the gauges of mooring.alerts.gauges, made from conf/alerts.

In: the settings and the name of the data. Out: rule groups, as plain values, and the PrometheusRule
around them. Every rule takes the maximum over scrape labels (job, instance), so that a gauge that is
scraped from two places fires one alert.
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
    """Return the rules file for the data of that name, as promtool and Prometheus read it."""
    findings = [*_diagnoses(settings, data), _coverage(settings, data)]
    silences = [*_silences(settings, data), *_jobs(settings, data)]
    return {
        "groups": [
            {"name": f"{PREFIX}_{data}_findings", "rules": findings},
            {"name": f"{PREFIX}_{data}_silences", "rules": silences},
        ]
    }


def prometheus_rule(settings: Alerts, data: str) -> dict[str, Any]:
    """Return the same rules as a PrometheusRule, the resource of the Prometheus Operator."""
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
    """Return the condition that the job still judges the model: stale gauges may never disappear."""
    success = _newest("last_success_timestamp_seconds", data, "model")
    return f"and time() - {success} <= {settings.rules.job_silence_h * HOUR_S}"


def _diagnoses(settings: Alerts, data: str) -> list[Rule]:
    def rule(alert: Alert, severity: str, diagnosis: str, summary: str, description: str) -> Rule:
        gauge = _newest("diagnosis", data, "model", diagnosis=diagnosis)
        expr = f"{gauge} == 1\n{_judged(settings, data)}"
        return _rule(settings, alert, severity, expr, summary, description)

    return [
        rule(
            *("MooringDriftRetrain", "warning", "retrain"),
            f"{DATA}: {MODEL} should be retrained",
            "The inputs have drifted from the training data, or the model has become worse, and it is "
            "confirmed. Columns that alarm:" + _columns("level", data),
        ),
        rule(
            *("MooringDriftFixData", "critical", "fix_data"),
            f"{DATA}: incoming data of {MODEL} is broken",
            "A data-quality check alarms. Retraining does not fix that, and scores may be wrong now. "
            "Columns that alarm:" + _columns("quality_level", data),
        ),
        rule(
            *("MooringDriftWatch", "info", "watch"),
            f"{DATA}: watch {MODEL}",
            "The inputs differ from the training data, but too little or not for long enough to act.",
        ),
        rule(
            *("MooringDriftCannotTell", "info", "cannot_tell"),
            f"{DATA}: {MODEL} cannot be judged",
            "Too little could be checked to call it quiet, so drift may go unseen. Checks that were not made:"
            + _unchecked(data),
        ),
    ]


def _columns(gauge: str, data: str) -> str:
    """Return the template that lists a model's columns that alarm."""
    selector = f'{PREFIX}_{gauge}{{data="{data}",model="%s",level="alarm"}} == 1'
    query = f"printf `max by (column, segment) ({selector})` $labels.model | query"
    segment = "{{ with .Labels.segment }} ({{ . }}){{ end }}"
    each = f" {{{{ .Labels.column }}}}{segment}"
    return f"{{{{ range {query} }}}}{each}{{{{ else }}}} none{{{{ end }}}}."


def _unchecked(data: str) -> str:
    """Return the template that says how many checks of each part of a model were not made, and why."""
    selector = f'{PREFIX}_checks_not_made_by_cause{{data="{data}",model="%s"}}'
    query = f"printf `max by (part, cause) ({selector})` $labels.model | query"
    each = " {{ .Value }} of {{ .Labels.part }} ({{ .Labels.cause }})"
    return f"{{{{ range {query} }}}}{each}{{{{ else }}}} none{{{{ end }}}}."


def _coverage(settings: Alerts, data: str) -> Rule:
    coverage = _newest("label_coverage", data, "model")
    limit = _newest("label_coverage_limit", data, "model")
    return _rule(
        *(settings, "MooringLabelCoverageLow", "warning"),
        f"{coverage}\n< {limit}\n{_judged(settings, data)}",
        f"{DATA}: too few predictions of {MODEL} have a label",
        "Labels have arrived for {{ $value | humanizePercentage }} of the predictions that should have "
        "one. The model's quality is unknown.",
    )


def _silences(settings: Alerts, data: str) -> list[Rule]:
    """Return the rules for missing profiles and labels, by their age when the job last succeeded: the
    age is unknown between two runs, and another rule covers a job that no longer runs."""
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
            f"{DATA}: no new profiles",
            f"At the drift job's last run, no model had stored a profile for more than "
            f"{limits.profile_silence_h} hours, or ever: no requests arrive, or records are not written.",
        ),
        _rule(
            *(settings, "MooringLabelSilence", "warning"),
            f"{success} - {label} > {limits.label_silence_h * HOUR_S}\nor {due} > 0 unless {label}",
            f"{DATA}: no new labels",
            "At the drift job's last run, no label had arrived for more than "
            f"{limits.label_silence_h} hours, or ever, although some are due.",
        ),
    ]


def _jobs(settings: Alerts, data: str) -> list[Rule]:
    hours = settings.rules.job_silence_h
    success = _newest("last_success_timestamp_seconds", data)
    run = _newest("last_run_timestamp_seconds", data)
    samples = f'{PREFIX}_last_success_timestamp_seconds{{data="{data}"}}[{hours}h]'
    return [
        # A restarted Pushgateway forgets its gauges; their samples within the limit still count.
        _rule(
            *(settings, "MooringDriftJobSilent", "critical"),
            f"time() - {success} > {hours * HOUR_S}\nor absent_over_time({samples})",
            f"{DATA}: the drift job is not running",
            f"It has not succeeded for more than {hours} hours. Drift would go unnoticed.",
        ),
        _rule(
            *(settings, "MooringDriftJobFailing", "warning"),
            f"{run} > {success}",
            f"{DATA}: the drift job failed",
            "Its last run ended without a report.",
        ),
    ]
