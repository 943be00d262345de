"""A stage's process: it dies with its parent, keeps to its threads, and explains a full disk."""

import errno
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info

from mooring.errors import EnvironmentFault
from mooring.machine.process import explain_full_disk, explain_refusal, pin_threads, quick_imports

CHILD = """
import time
from mooring.machine.parent import die_with_parent
die_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_stage_dies_when_its_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 30
        while is_running(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not is_running(child)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_names_the_file_and_the_remedy(number: int) -> None:
    with pytest.raises(EnvironmentFault) as caught, explain_full_disk():
        raise OSError(number, "full", "models/x")
    assert caught.value.where == "models/x"
    assert caught.value.what == "the disk is full; existing files are unchanged"
    assert caught.value.got.endswith(" MB free")


@pytest.mark.skipif(not Path("/dev/shm").is_mount(), reason="/dev/shm is no disk of its own")
def test_a_full_disk_says_what_is_free_on_that_disk() -> None:
    with pytest.raises(EnvironmentFault) as caught, explain_full_disk():
        raise OSError(errno.ENOSPC, "full", "/dev/shm/not/there/yet")
    free_mb = int(caught.value.got.removesuffix(" MB free"))
    there, here = (shutil.disk_usage(path).free // 2**20 for path in ("/dev/shm", "."))
    assert abs(free_mb - there) <= abs(free_mb - here)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_file_that_may_not_be_written_is_named(number: int) -> None:
    with pytest.raises(EnvironmentFault) as caught, explain_refusal():
        raise OSError(number, os.strerror(number), "reports/drift")
    assert str(caught.value) == (
        "reports/drift: cannot be accessed by this process\n"
        f"  got: {os.strerror(number)}\n"
        "  fix: check its owner, and that its disk is not read-only"
    )


@pytest.mark.parametrize("explained", [explain_full_disk, explain_refusal])
def test_other_os_errors_keep_their_class(explained: Any) -> None:
    with pytest.raises(IsADirectoryError), explained():
        raise IsADirectoryError(errno.EISDIR, "no", "x")


def test_threads_are_pinned_in_present_and_future_pools(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    for name in names:
        monkeypatch.setenv(name, "7")
    pin_threads(1)
    assert [os.environ[name] for name in names] == ["1", "1", "1"]
    assert all(pool["num_threads"] == 1 for pool in threadpool_info())


LEAVE = """
import atexit, sys, threading, time
from mooring.machine.process import leave, quick_imports
with quick_imports():
    try:
        import hypothesis
        print("imported", end=" ")
    except ImportError:
        print("absent", end=" ")
import hypothesis
atexit.register(print, "cleaned")
print("written", end=" ")
leave(3)
"""


def test_a_process_that_leaves_flushes_cleans_up_and_keeps_its_code() -> None:
    done = subprocess.run([sys.executable, "-c", LEAVE], stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (3, "absent written cleaned\n")


def test_imported_modules_stay_and_garbage_collection_resumes() -> None:
    with quick_imports():
        assert not gc.isenabled()
        assert sys.modules["pytest"] is pytest
    assert gc.isenabled()
    assert sys.modules["pytest"] is pytest
