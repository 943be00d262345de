"""The model card: it stands alone, and nothing in it is markup but its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from mooring import files
from mooring.reports.training.card import model_card
from tests.reports.training.conftest import read


def test_the_card_holds_what_was_done_on_what(evaluated: Path) -> None:
    findings = read()
    card = model_card(findings)
    manifest = files.read_json("data/manifest.json")
    metrics = files.read_json("reports/evaluation/metrics.json")
    spec = files.read_json("models/scorer/spec.json")
    metric = findings.gate.metric
    for line in (
        "# Model card: plain on small",
        "## Verdict: merge",
        f"| Model sha256 | {spec['model_sha256']} |",
        f"| Query sha256 | {manifest['query']['sha256']} |",
        f"| Rows hash | {manifest['rows_hash']} |",
        "| Rows without a label | 18 |",
        "| Validation | every row passes every rule of conf/data (900 rows) |",
        f"| {metric} | {metrics[metric]:.4g} |",
        "| numpy | ",
        r"| Question | answer: asked \</td\>\<img src=x onerror=alert(2)\> \| and (\<u\>) |",
    ):
        assert f"\n{line}" in f"\n{card}"


def test_every_row_of_a_table_has_as_many_cells_as_its_head(evaluated: Path) -> None:
    lines = model_card(read()).splitlines()
    width = 0
    for before, line in zip(["", *lines], lines, strict=False):
        cells = line.replace(r"\|", "").count("|")
        if line.startswith("|") and before == "":
            width = cells
        assert cells == (width if line.startswith("|") else 0), line


def test_a_window_in_time_names_its_days(
    first_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first_release)
    assert (
        "| Test window | from 2024-01-22 to before 2024-02-06 (America/New_York): "
        "353 rows, 194 positive; plus 7 unlabelled |"
    ) in model_card(read())


def test_broken_rules_are_counted(first_release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(first_release)
    findings = read()
    broken = findings.validation | {"passed": False, "violations": [{}, {}]}
    card = model_card(replace(findings, validation=broken))
    assert "| Validation | 2 rules of conf/data are broken (900 rows) |" in card
