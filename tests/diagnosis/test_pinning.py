"""mooring drift pin: the evidence of a report becomes a part of the graph, which makes the report again."""

from pathlib import Path

import pytest
import yaml

from tests.support.graph import ran
from tests.support.project import Project, make_project
from tests.support.served_days import MODEL, WINDOW, fill, write_project

REPORT = f"reports/drift/{WINDOW}"
PINNED = "reports/pinned"


@pytest.fixture
def judged(tmp_path: Path) -> Project:
    """A repository with a report of a week in which x has moved."""
    project = make_project(tmp_path / "repo", "weather")
    write_project(project.path)
    fill(project.path / "store", shift=0.8)
    project.mooring("drift", "--store", "store", "--model", MODEL)
    return project


def test_the_graph_reproduces_a_pinned_report_byte_for_byte(judged: Project) -> None:
    out = judged.mooring("drift", "pin", REPORT).stdout
    assert out == (
        "pinned in reports/pinned; next: dvc repro drift\n"
        "to commit it: git add dvc.yaml dvc.lock reports/pinned, then dvc push\n"
    )
    assert "retrain" in judged.dvc("repro", "drift").stdout
    for name in ("report.json", "index.html", "pull_request.md"):
        made, again = (judged.path / top / name for top in (REPORT, PINNED))
        assert made.read_bytes() == again.read_bytes()
    assert judged.dvc("status", "drift").stdout == "Data and pipelines are up to date.\n"
    assert judged.mooring("graph", "--check").stdout == "dvc.yaml and code.yaml match the stages\n"
    judged.commit("pin")
    kept = judged.run("git", "ls-files", "reports").stdout.split()
    assert {Path(path).name for path in kept} == {
        *(".gitignore", "evidence.dvc", "reference.dvc"),
        *("report.json", "index.html", "pull_request.md"),
    }


@pytest.mark.slow
def test_a_clone_reproduces_the_report_from_the_remote(judged: Project, tmp_path: Path) -> None:
    judged.mooring("drift", "pin", REPORT)
    judged.dvc("repro", "drift")
    judged.dvc("remote", "modify", "local", "url", str(tmp_path / "remote"))
    judged.commit("pin")
    judged.dvc("push")
    judged.run("git", "clone", "-q", str(judged.path), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    clone.dvc("pull", f"{PINNED}/evidence", f"{PINNED}/reference")
    assert ran(clone.dvc("repro", "--force", "drift").stdout) == ["code", "drift"]
    assert clone.run("git", "status", "--short").stdout == ""


@pytest.mark.slow
def test_pinning_again_replaces_the_evidence(judged: Project) -> None:
    for store, diagnosis in (("store", "retrain"), ("calm", "quiet")):
        if store == "calm":
            fill(judged.path / "calm", number=2)
            judged.mooring("drift", "--store", "calm", "--model", MODEL)
        judged.mooring("drift", "pin", f"{REPORT}/report.json")
        assert diagnosis in judged.dvc("repro", "drift").stdout
    stages = yaml.safe_load((judged.path / "dvc.yaml").read_text())["stages"]
    assert list(stages)[-1] == "drift"


def test_a_report_that_does_not_verify_is_not_pinned(judged: Project) -> None:
    evidence = next((judged.path / REPORT / "evidence/profiles").rglob("*.bin"))
    evidence.write_bytes(evidence.read_bytes()[:-1])
    done = judged.mooring("drift", "pin", REPORT, check=False)
    assert done.returncode == 2
    assert "has changed since the report was made" in done.stderr
    assert not (judged.path / PINNED).exists()
    assert judged.run("git", "status", "--short", "dvc.yaml").stdout == ""


@pytest.mark.parametrize("what", ["pin", "verify"])
def test_a_report_must_be_named(judged: Project, what: str) -> None:
    done = judged.mooring("drift", what, check=False)
    assert done.returncode == 2
    expected = f"mooring drift {what} reports/drift/FIRST..LAST"
    assert done.stderr == f"mooring drift: no report to {what}\n  expected: {expected}\n"
