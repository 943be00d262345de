"""doctor names what is wrong with this machine, and how to fix it."""

import shutil
import subprocess
import sys

import pytest

from mooring import doctor
from mooring.doctor import Finding
from mooring.graph.requirements import REINSTALL
from tests.support.workspaces import ROOT, copied, dvc_repository

CHECKS = [
    "python",
    "packages",
    "protobuf",
    "git",
    "dvc cache",
    "dvc remote",
    "dvc lock",
    "dvc writes",
    "disk",
    "temporary files",
    "bytecode",
    "whylogs",
    "params.yaml",
]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    workspace = dvc_repository(tmp_path_factory.mktemp("doctor"))
    shutil.copytree(ROOT / "conf", workspace.path / "conf")
    shutil.copy(ROOT / "requirements.lock", workspace.path)
    config = workspace.path / ".dvc/config"
    config.write_text(config.read_text() + "    verify = true\n")
    workspace.mooring("compose")
    return workspace


@pytest.fixture
def project(template, tmp_path):
    workspace = copied(template, tmp_path)
    workspace.environment.pop("PYTHONDONTWRITEBYTECODE", None)
    workspace.environment["PYTHONPATH"] = str(ROOT)
    return workspace


def attempt(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_a_sound_machine_gets_one_ok_for_each_check(project):
    lines = project.mooring("doctor").splitlines()
    assert [line[7:].partition(":")[0] for line in lines] == CHECKS
    assert {line[:5] for line in lines} == {"ok   "}


def test_everything_wrong_is_named_at_once_and_the_exit_code_is_1(project):
    (project.path / ".dvc/tmp").mkdir(exist_ok=True)
    project.write(".dvc/tmp/rwlock", '{"read": {')
    project.write(".dvc/config", "[cache]\n    type = hardlink\n")
    project.write("conf/window/flights.yaml", "kind: time\n")
    project.write("requirements.lock", "no-such-package==1.0 \\\n    --hash=sha256:00\n")
    project.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    project.environment["TMPDIR"] = str(project.path / "nowhere")
    lines = project.mooring("doctor", code=1).splitlines()
    states = {line[7:].partition(":")[0]: line[:5].strip() for line in lines}
    assert list(states) == CHECKS
    assert {name for name, state in states.items() if state == "WRONG"} == {
        "packages",
        "dvc cache",
        "dvc remote",
        "dvc lock",
        "temporary files",
        "params.yaml",
    }
    assert states["bytecode"] == "warn"


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10), "WRONG"), ((3, 11), "ok"), ((3, 12), "ok"), ((3, 13), "WRONG")]
)
def test_python_is_3_11_or_3_12(version, state):
    assert doctor.check_python(version).state == state


def test_packages_are_compared_with_the_pins_whose_markers_hold(tmp_path):
    lock = tmp_path / "requirements.lock"
    here = doctor.installed("numpy")
    lock.write_text(
        "# a comment\n"
        f"numpy=={here} ; python_full_version >= '3.11' \\\n    --hash=sha256:00 \\\n"
        "    --hash=sha256:11\n"
        "colorama==0.0.1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
        "dvc[s3]==0.0.1\n"
        "no-such-package==1.0\n"
    )
    assert doctor.check_packages(lock) == Finding(
        "packages",
        "WRONG",
        f"dvc is {doctor.installed('dvc')}, pinned at 0.0.1; "
        "no-such-package is not installed, pinned at 1.0",
        REINSTALL,
    )


def test_a_lock_without_pins_is_wrong(tmp_path):
    lock = tmp_path / "requirements.lock"
    assert doctor.check_packages(lock).detail == f"no pins in {lock}"


@pytest.mark.parametrize(
    ("version", "state"), [("6.33.6", "ok"), ("7.0.0", "WRONG"), (None, "WRONG"), ("10.1", "WRONG")]
)
def test_protobuf_is_below_7(version, state):
    assert doctor.check_protobuf(version).state == state


def test_an_old_git_is_wrong(tmp_path, monkeypatch):
    old = tmp_path / "git"
    old.write_text(f"#!/bin/sh\necho git version 2.37.9\necho {tmp_path}\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.check_git(tmp_path) == Finding(
        "git", "WRONG", "git 2.37; requires 2.38", "install a newer git"
    )


def test_a_directory_without_a_repository_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    finding = doctor.check_git(tmp_path)
    assert (finding.state, finding.fix) == ("WRONG", "run 'git init'")
    assert "not a git repository" in finding.detail
    assert doctor.check_links(tmp_path).fix == "run 'dvc init'"


@pytest.mark.parametrize(
    ("kinds", "state"),
    [("reflink,copy", "ok"), ("copy", "ok"), ("reflink, hardlink", "WRONG"), ("symlink", "WRONG")],
)
def test_a_cache_that_shares_files_with_the_workspace_is_wrong(project, kinds, state):
    project.write(".dvc/config.local", f'[cache]\n    type = "{kinds}"\n')
    assert doctor.check_links(project.path).state == state


def test_a_remote_that_is_not_verified_is_wrong(project):
    project.write(".dvc/config.local", "['remote \"local\"']\n    verify = false\n")
    assert doctor.check_remote(project.path) == Finding(
        "dvc remote",
        "WRONG",
        "pulls from local are not verified",
        "run 'dvc remote modify local verify true'",
    )


@pytest.mark.parametrize(
    "text",
    ['{"read": {', *(pytest.param(text, marks=pytest.mark.slow) for text in ("", "[]"))],
)
def test_a_broken_rwlock_stops_dvc_and_deleting_it_helps(project, text):
    project.write("dvc.yaml", "stages:\n  one:\n    cmd: echo 1 > one\n    outs: [one]\n")
    path = project.write(".dvc/tmp/rwlock", text)
    project.dvc("repro", code=255)
    finding = doctor.check_rwlock(path)
    assert (finding.state, finding.fix) == ("WRONG", f"run 'rm {path}'")
    path.unlink()
    project.dvc("repro")
    assert doctor.check_rwlock(path).state == "ok"


def test_less_than_2_gb_is_wrong():
    assert doctor.check_disk(1_999_999_999).state == "WRONG"
    assert doctor.check_disk(2_000_000_000) == Finding("disk", "ok", "2.0 GB free")


def test_a_temporary_directory_that_is_missing_is_wrong(tmp_path):
    assert doctor.check_temporary(tmp_path).state == "ok"
    assert list(tmp_path.iterdir()) == []
    assert doctor.check_temporary(tmp_path / "nowhere") == Finding(
        "temporary files",
        "WRONG",
        f"{tmp_path / 'nowhere'}: No such file or directory",
        "set TMPDIR to a writable directory",
    )


def test_whylogs_on_numpy_2_is_wrong_where_nothing_puts_the_lost_type_back():
    code = "import numpy; f = lambda: numpy.unicode_; f()"
    finding = doctor.check_whylogs(attempt(code))
    assert finding.state == "WRONG"
    assert "np.unicode_" in finding.detail
    assert finding.fix == REINSTALL


def test_params_that_are_not_composed_from_conf_are_wrong(project):
    params = project.path / "params.yaml"
    params.write_text(params.read_text().replace("seed: 13", "seed: 14"))
    (line,) = [
        line for line in project.mooring("doctor", code=1).splitlines() if "params.yaml" in line
    ]
    assert line.startswith("WRONG  params.yaml: runtime.seed: params.yaml has 14, conf/ composes")
