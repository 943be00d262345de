"""The report stage: it writes its outs and nothing else, the same bytes each time."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from mooring.errors import IntegrityError
from mooring.reports.training.headline import headline
from stages import report
from tests.reports.training.conftest import moved, read

ROOT = Path(__file__).parents[3]
OUTS = {
    "reports/gate.json", "reports/index.html", "reports/metrics.json", "reports/model_card.md",
}  # fmt: skip


def tree() -> dict[str, bytes]:
    """Return every file below the working directory."""
    return {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_the_stage_writes_exactly_its_outs(evaluated: Path) -> None:
    before = tree()
    report.main()
    after = tree()
    assert set(after) - set(before) == OUTS
    assert {name: after[name] for name in before} == before
    assert after["reports/gate.json"] == before["reports/evaluation/gate.json"]


def test_dvc_yaml_declares_these_outs() -> None:
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["report"]
    outs = [*stage["outs"], *stage["metrics"]]
    assert {name for out in outs for name in ([out] if isinstance(out, str) else out)} == OUTS


def test_another_process_with_other_settings_writes_the_same_bytes(
    challenged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(challenged, tmp_path, monkeypatch)
    report.main()
    first = {name: Path(name).read_bytes() for name in OUTS}
    Path("matplotlibrc").write_text("axes.labelsize: 30\nsvg.fonttype: path\n")
    other = {"PYTHONHASHSEED": "5", "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-W", "error", "-m", "stages", "report"]
    subprocess.run(command, env=os.environ | other, check=True, capture_output=True)
    assert {name: Path(name).read_bytes() for name in OUTS} == first


def test_the_stage_needs_neither_pandas_nor_scikit_learn() -> None:
    code = "import sys, stages.report; print({'pandas', 'sklearn', 'scipy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "set()\n"


def test_metrics_are_flat_finite_numbers(evaluated: Path) -> None:
    report.main()
    found = json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))
    for name, value in found.items():
        assert type(value) in (int, float) and math.isfinite(value), name
        assert str(value) != "-0.0", name


def test_metrics_hold_worst_slices_parity_and_the_lead(
    challenged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(challenged)
    findings = read()
    worst = findings.worst["roc_auc"]
    assert headline(findings) == findings.metrics | {
        "parity_max_abs_difference": findings.parity["max_abs_difference"],
        "worst_slice_roc_auc": worst["roc_auc"],
        "worst_slice_roc_auc_n": worst["n"],
        "champion_difference": 0.0,
        "champion_low": 0.0,
        "champion_high": 0.0,
    }


def test_what_is_undefined_is_left_out_of_the_metrics(
    first_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first_release)
    findings = read()
    thin = replace(findings, metrics=findings.metrics | {"roc_auc": None}, worst={})
    left = {name for name, value in findings.metrics.items() if name != "roc_auc"}
    assert set(headline(thin)) == left | {"parity_max_abs_difference"}


def test_a_missing_table_is_named(
    first_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(first_release, tmp_path, monkeypatch)
    Path("reports/evaluation/plots/roc.csv").unlink()
    with pytest.raises(IntegrityError) as caught:
        report.main()
    assert caught.value.where == "reports/evaluation/plots/roc.csv"
    assert caught.value.fix == "run 'dvc repro'"
    assert not OUTS & set(tree())
