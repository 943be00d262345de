"""A directory with the flights' params.yaml, as `mooring notify` finds it."""

from pathlib import Path

import pytest
import yaml

from tests.support.workspaces import ROOT


class Desk:
    """The current directory: its settings, its environment and a report."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._values = yaml.safe_load((ROOT / "params.yaml").read_text())
        self.set(webhook={"backoff_s": 0.01, "timeout_s": 30})

    def set(self, **changes: dict[str, object] | str) -> None:
        """Change some of conf/alerts."""
        for key, value in changes.items():
            alerts = self._values["alerts"]
            alerts[key] = alerts[key] | value if isinstance(value, dict) else value
        Path("params.yaml").write_text(yaml.safe_dump(self._values))

    def export(self, **variables: str) -> None:
        """Set environment variables."""
        for name, value in variables.items():
            self._patch.setenv(name, value)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the current directory, where nothing is set that this machine has."""
    monkeypatch.chdir(tmp_path)
    for name in (
        *("MOORING_STORE", "MOORING_WEBHOOK", "MOORING_WEBHOOK_SECRET"),
        *("MOORING_PUSHGATEWAY", "MOORING_TEXTFILE_DIRECTORY"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Desk(monkeypatch)
