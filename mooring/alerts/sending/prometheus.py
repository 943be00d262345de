"""Publish gauges to Prometheus: a file for node_exporter's textfile collector, and a Pushgateway."""

import os
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from prometheus_client import CollectorRegistry, push_to_gateway

from mooring import files
from mooring.alerts.gauges import PREFIX, text
from mooring.alerts.sending.receivers import url_of
from mooring.config.alerts import Alerts
from mooring.errors import EnvironmentFault


def publish(
    registry: CollectorRegistry, name: str, group: Mapping[str, str], settings: Alerts
) -> list[str]:
    """Replace the published gauges of `name` and `group`; return one line for each destination.

    Destinations whose environment variable is not set are skipped. Raises EnvironmentFault when a
    configured destination does not accept the gauges.
    """
    return [*_write(registry, name, settings), *_push(registry, group, settings)]


def _write(registry: CollectorRegistry, name: str, settings: Alerts) -> list[str]:
    directory = os.environ.get(settings.textfile_env, "")
    if not directory:
        return []
    # The collector reads only *.prom, so it never reads an unfinished file.
    path = Path(directory) / f"{PREFIX}_{name}.prom"
    try:
        files.write_text(path, text(registry))
    except OSError as error:
        raise EnvironmentFault(
            "gauges cannot be written", where=f"${settings.textfile_env}: {path}", got=str(error)
        ) from error
    return [f"gauges written to {path}"]


def _push(registry: CollectorRegistry, group: Mapping[str, str], settings: Alerts) -> list[str]:
    url = url_of(settings.pushgateway_env)
    if url is None:
        return []
    try:
        push_to_gateway(url, PREFIX, registry, dict(group), settings.push_timeout_s)
    except HTTPError as error:
        with error:
            problem = f"{error.code} {error.read(500).decode(errors='replace')}".strip()
    except (OSError, HTTPException) as error:
        problem = str(getattr(error, "reason", error))
    else:
        return [f"gauges pushed to ${settings.pushgateway_env}"]
    raise EnvironmentFault(
        "the Pushgateway does not accept the gauges",
        where=f"${settings.pushgateway_env}",
        got=problem,
        fix="run the same command again",
    )
