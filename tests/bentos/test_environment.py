"""The bento away from home: served by its own lock alone, and from its own image."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mooring import files
from mooring.bento.sealed import DOCKERFILE
from tests.support.server import Server
from tests.support.tools import not_run

LOCK = "env/python/requirements.lock.txt"
TRAINING = ("sklearn", "scipy", "dvc", "hydra", "optuna", "skops", "skl2onnx", "onnx", "duckdb")
IMPORTABLE = """
import importlib.util, sys
print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name)))
"""
BUILDERS = ("buildah", "podman")
ISOLATION = {"BUILDAH_ISOLATION": "chroot"}
"""Which needs neither a container runtime nor cgroups of its own; both tools build by it."""


def outside() -> dict[str, str]:
    """Return this process's environment without what points into the repository."""
    ours = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours}


def run(*command: str | Path, **settings: Any) -> subprocess.CompletedProcess[str]:
    environment = outside() | settings.pop("env", {})
    return subprocess.run(command, env=environment, capture_output=True, text=True, **settings)


def checked(*command: str | Path, **settings: Any) -> str:
    """Run a command that must succeed; return what it printed."""
    done = run(*command, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_golden_rows(server: Server) -> None:
    """Ask for the golden rows over HTTP, and compare with the fitted model's scores."""
    golden = files.read_json(server.bento / "src/release/model/golden.json")
    names = list(golden["rows"])
    columns = zip(*golden["rows"].values(), strict=True)
    answer = server.predict([dict(zip(names, values, strict=True)) for values in columns])
    assert answer.status_code == 200
    atol = files.read_json(server.bento / "src/release/served.json")["parity_atol"]
    assert len(golden["scores"]) > 10
    assert answer.json()["scores"] == pytest.approx(golden["scores"], rel=0, abs=atol)


@pytest.fixture(scope="module")
def fresh(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that holds the bento's own lock and nothing else."""
    directory = tmp_path_factory.mktemp("fresh") / "venv"
    uv = Path(sys.executable).parent / "uv"  # which installs in a tenth of pip's time
    checked(uv, "venv", "--python", sys.executable, directory)
    python = directory / "bin/python"
    locked = ("install", "--require-hashes", "-r", bento / LOCK)
    if run(uv, "pip", *locked, "--python", python).returncode:  # it reads no pip.conf
        checked(sys.executable, "-m", "pip", "--python", python, *locked)
    return python


@pytest.mark.slow
def test_the_serving_environment_has_no_training_package(fresh: Path, tmp_path: Path) -> None:
    names = (*TRAINING, "mooring", "stages", "bentos", "bentoml", "onnxruntime")
    found = checked(fresh, "-c", IMPORTABLE, *names, cwd=tmp_path)
    assert found.split() == ["bentoml", "onnxruntime"]


@pytest.mark.slow
def test_the_serving_lock_is_enough_to_score_the_golden_rows(
    fresh: Path, bento: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(bento, tmp_path / "elsewhere"))
    with Server(moved, tmp_path / "home", python=fresh) as server:
        server.wait()
        check_golden_rows(server)
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text()


@dataclass
class ImageServer(Server):
    """A server in a container on this machine's network: the image's own entrypoint, on our port."""

    image: str = ""
    builder: str = ""

    def command(self) -> list[str]:
        """Return what runs the container in the foreground."""
        ours = ["--port", str(self.port)]
        if self.builder == "podman":
            hard = ["--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges"]
            own = ["--rm", "--network", "host", "--name", self.name]
            return ["podman", "run", *own, *hard, self.image, *ours]
        inspected = checked("buildah", "inspect", "--type", "image", self.image)
        entrypoint = json.loads(inspected)["OCIv1"]["config"]["Entrypoint"]
        checked("buildah", "from", "--name", self.name, self.image)
        return ["buildah", "run", "--network", "host", self.name, "--", *entrypoint, *ours]

    @property
    def name(self) -> str:
        """What the container is called."""
        return f"scorer-{self.port}"

    def __exit__(self, *details: object) -> None:
        super().__exit__(*details)
        run(self.builder, "rm", *(["--force"] * (self.builder == "podman")), self.name)


def builder() -> str:
    """Return the tool that builds images here; where there is none, the test is not run."""
    found = [name for name in BUILDERS if shutil.which(name)]
    return found[0] if found else not_run("podman and buildah are missing", "install either")


def base_of(bento: Path) -> str:
    found = re.search(r"^FROM (\S+)", (bento / DOCKERFILE).read_text(), re.M)
    assert found is not None
    return found[1]


def need(why: str, *command: str) -> None:
    """Run a command that the test stands on; where it fails, the test is not run."""
    if run(*command, env=ISOLATION).returncode:
        not_run(why, f"see what '{' '.join(command)}' says")


@pytest.fixture(scope="module")
def image(
    packaged: Path, bento: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Return the tool, and the image that it built with BentoML."""
    tool, base = builder(), base_of(bento)
    if run(tool, "inspect", "--type", "image", base).returncode:
        need(f"{tool} cannot pull {base}", tool, "pull", base)
    if tool == "podman":
        need("podman runs no container here", "podman", "run", "--rm", base, "true")
    store = tmp_path_factory.mktemp("store")
    # BentoML reads no template outside the working directory, and makes one below the temporary one.
    home = {"BENTOML_HOME": str(store), "BENTOML_DO_NOT_TRACK": "True", "TMPDIR": str(store)}
    bentoml = (sys.executable, "-m", "bentoml")
    checked(*bentoml, "import", packaged / "models/scorer.bento", env=home, cwd=store)
    tag = files.read_json(packaged / "models/bento.json")["tag"]
    name = f"localhost/{tag}"
    containerize = (*bentoml, "containerize", tag, "--backend", tool, "--image-tag", name)
    checked(*containerize, env=home | ISOLATION, cwd=store)
    yield tool, name
    run(tool, "rmi", name)


@pytest.mark.prove
def test_the_image_scores_the_golden_rows_and_receives_signals(
    image: tuple[str, str], bento: Path, tmp_path: Path
) -> None:
    tool, name = image
    here = outside() | ISOLATION
    with ImageServer(bento, tmp_path / "home", here, image=name, builder=tool) as server:
        server.wait()
        check_golden_rows(server)
        if tool == "podman":  # which hands signals on to the entrypoint
            assert server.stop() == 0
