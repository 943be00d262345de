"""Whatever is killed or spoilt, what was good stays good, and the next run fixes the rest."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mooring.graph.cache import object_path
from tests.support.graph import copy_project, flip_byte, locked, ran, spoilt_objects
from tests.support.project import Project
from tests.support.tools import not_run

RECOVER_EVERY = 5
ORPHAN = """
import os, subprocess, sys
child = (
    "import os, sys, time\\n"
    "while os.getppid() == int(sys.argv[1]): time.sleep(0.01)\\n"
    "from mooring.machine.parent import die_with_parent\\n"
    "die_with_parent()\\n"
    "print('alive', flush=True)\\n"
)
subprocess.Popen([sys.executable, "-c", child, str(os.getpid())])
"""


def processes(project: Project) -> list[psutil.Process]:
    """Return the processes that work in the project's directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(project.path) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def is_stage(process: psutil.Process) -> bool:
    try:
        return "stages" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def start(project: Project) -> subprocess.Popen[str]:
    """Start `dvc repro`, which nobody waits for."""
    output = (project.path.parent / "output").open("w")
    with output:
        return subprocess.Popen(
            [sys.executable, "-m", "dvc", "repro"],
            cwd=project.path,
            env=project.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )


def kill(dvc: subprocess.Popen[str], chance: random.Random) -> str:
    """Kill DVC, or the stage that it runs, in one of two ways; say which."""
    number = chance.choice([signal.SIGKILL, signal.SIGTERM])
    target = psutil.Process(dvc.pid)
    running = [child for child in target.children(recursive=True) if is_stage(child)]
    if running and chance.random() < 0.4:
        target = running[0]
    name = "dvc" if target.pid == dvc.pid else "stage"
    target.send_signal(number)
    dvc.wait(timeout=60)
    return f"{name} {number.name}"


def outlived(project: Project) -> list[str]:
    """Return what still runs two seconds after DVC has ended."""
    deadline = time.monotonic() + 2
    while (left := processes(project)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return [str(process) for process in left]


def change(project: Project, chance: random.Random) -> None:
    """Change what an early or a late stage depends on."""
    if chance.random() < 0.3:
        text = f"kind: random\ntest_frac: {chance.uniform(0.2, 0.5):.3f}\n"
        (project.path / "conf/window/diabetes.yaml").write_text(text)
    else:
        linear = project.path / "conf/model/linear.yaml"
        lines = linear.read_text().splitlines()
        alpha = f"  alpha: {chance.uniform(0.1, 9):.3f}"
        lines = [
            alpha if line.startswith("  alpha: ") and "{" not in line else line for line in lines
        ]
        linear.write_text("\n".join(lines) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize("n_kills", [10, pytest.param(100, marks=pytest.mark.prove)])
def test_the_run_after_a_kill_recovers(project, n_kills, record_property):
    chance = random.Random(20261123)
    kills = 0
    while kills < n_kills:
        if chance.random() < 0.5:
            change(project, chance)
        dvc = start(project)
        try:
            dvc.wait(timeout=chance.uniform(0.3, 4.5))
        except subprocess.TimeoutExpired:
            what = kill(dvc, chance)
            kills += 1
        else:
            assert dvc.returncode == 0, (project.path.parent / "output").read_text()
            change(project, chance)
            continue
        assert outlived(project) == [], what
        assert spoilt_objects(project) == [], what
        if kills % RECOVER_EVERY == 0:
            project.dvc("repro")
            print(f"{kills} of {n_kills} kills, the last: {what}", flush=True)
    assert list(project.path.glob("**/.*.old.tmp")) == []
    record_property("kills", kills)
    record_property("corrupt objects", 0)


def test_a_stage_exits_if_dvc_exited_before_it_started():
    environment = os.environ | {"DVC_STAGE": "train"}
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == ""


@pytest.mark.slow
def test_a_corrupt_object_is_found_and_reproduced(project):
    name = locked(project)["models/pipeline.skops"]
    flip_byte(object_path(project.path / ".dvc/cache", name))
    assert spoilt_objects(project) == [name]
    done = project.mooring("cache", "check", check=False)
    assert done.returncode == 1
    assert f"expected: md5 {name}" in done.stdout
    assert "output: models/pipeline.skops" in done.stdout
    project.mooring("cache", "check", "--remove", check=False)
    (project.path / "models/pipeline.skops").unlink()
    assert ran(project.dvc("repro", "train").stdout) == ["train"]
    assert locked(project)["models/pipeline.skops"] == name
    assert project.mooring("cache", "check").returncode == 0


@pytest.mark.slow
def test_a_corrupt_object_in_the_remote_is_refused_and_good_files_stay(project):
    project.dvc("push", "--quiet")
    name = locked(project)["models/card.json"]
    flip_byte(object_path(project.path / ".remote", name))
    shutil.rmtree(project.path / ".dvc/cache")
    (project.path / "models/card.json").unlink()
    good = (project.path / "models/pipeline.skops").read_bytes()
    done = project.dvc("pull", check=False)
    assert done.returncode != 0
    assert "models/card.json" in done.stderr
    assert not (project.path / "models/card.json").exists()
    assert not object_path(project.path / ".dvc/cache", name).exists()
    assert (project.path / "models/pipeline.skops").read_bytes() == good
    assert project.mooring("cache", "check", "--remote", check=False).returncode == 1
    assert spoilt_objects(project) == []


@pytest.mark.slow
def test_concurrent_runs_do_not_corrupt_each_other(project):
    project.edit("conf/model/linear.yaml", "alpha: 1.0", "alpha: 2.0")
    first = start(project)
    while not any(is_stage(process) for process in processes(project)):
        time.sleep(0.05)
    second = project.dvc("repro", check=False)
    assert first.wait(timeout=300) == 0
    if second.returncode != 0:
        assert "is busy, it is being blocked by" in second.stderr or "lock" in second.stderr
    assert spoilt_objects(project) == []
    assert ran(project.dvc("repro").stdout) == []


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of its own, which a test may fill and make larger."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(path)])
    if mounted.returncode != 0:
        not_run("a file system cannot be mounted here", "run the tests as root")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


FULL = ("No space left on device", "the disk is full", "disk is full", "disk I/O error")


@pytest.mark.slow
@pytest.mark.parametrize(
    "free_kb", [8, 120, *(pytest.param(kb, marks=pytest.mark.prove) for kb in (40, 300))]
)
def test_a_full_disk_is_reported_and_the_next_run_with_space_succeeds(
    reproduced, small_disk, tmp_path, free_kb
):
    project = copy_project(reproduced, small_disk)
    elsewhere = {"DVC_SITE_CACHE_DIR": str(tmp_path / "site")}
    before = locked(project)
    project.edit("conf/window/diabetes.yaml", "test_frac: 0.3", "test_frac: 0.4")
    project.dvc("status", **elsewhere)
    filler = small_disk / "filler"
    free = shutil.disk_usage(small_disk).free - free_kb * 1024
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free)
    done = project.dvc("repro", check=False, **elsewhere)
    print(done.stdout[-300:], done.stderr[-900:], sep="\n")
    assert done.returncode != 0
    assert any(text in done.stderr for text in FULL)
    assert spoilt_objects(project) == []
    cache = project.path / ".dvc/cache"
    kept = [path for path, md5 in before.items() if object_path(cache, md5).is_file()]
    assert {"models/scorer", "models/pipeline.skops", "data/rows.parquet"} <= set(kept)
    filler.unlink()
    again = project.dvc("repro", check=False, **elsewhere)
    assert again.returncode == 0, again.stdout + again.stderr
    assert spoilt_objects(project) == []
