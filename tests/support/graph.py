"""What the tests of the graph share: a small problem, copies of a run project, and what a run did."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from sklearn.datasets import load_diabetes

from mooring import files
from tests.support.project import Project

MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


def write_diabetes(project: Project) -> None:
    """Write the patients to data/raw/diabetes.parquet, as conf/data/diabetes.yaml describes them."""
    patients = load_diabetes(scaled=False)
    columns = dict(zip(patients.feature_names, patients.data.T, strict=True))
    table = pa.table({"id": range(442)} | columns | {"progression": patients.target})
    pq.write_table(table, project.path / "data/raw/diabetes.parquet")


def copy_project(project: Project, directory: Path) -> Project:
    """Copy a project with its cache, so that a test may change it: quicker than running it."""
    directory.mkdir(parents=True, exist_ok=True)
    copy = directory / project.path.name
    subprocess.run(["cp", "-a", "--reflink=auto", str(project.path), str(copy)], check=True)
    return Project(copy)


def stages(project: Project) -> list[str]:
    """Return the names of the stages, in the order of dvc.yaml."""
    return list(yaml.safe_load((project.path / "dvc.yaml").read_text())["stages"])


def ran(output: str) -> list[str]:
    """Return the stages that DVC says it ran."""
    return re.findall(r"^Running stage '(\w+)'", output, re.MULTILINE)


def restored(output: str) -> list[str]:
    """Return the stages whose outputs DVC says it took from its run-cache."""
    return re.findall(r"^Stage '(\w+)' is cached", output, re.MULTILINE)


def locked(project: Project) -> dict[str, str]:
    """Return the md5 of each output in dvc.lock."""
    lock = yaml.safe_load((project.path / "dvc.lock").read_text())
    return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


def release(project: Project) -> dict[str, Any]:
    """Return a release of the model that was trained last."""
    return {
        "model": {
            "md5": locked(project)["models/scorer"],
            "sha256": files.sha256_tree(project.path / "models/scorer"),
        }
    }


def spoilt_objects(project: Project) -> list[str]:
    """Return the objects of the cache whose bytes are not what their name says."""
    store = project.path / ".dvc/cache/files/md5"
    objects = {path: path.parent.name + path.name for path in store.glob("??/*") if path.is_file()}
    return [
        name
        for path, name in objects.items()
        if MD5.fullmatch(name) and files.md5_file(path) != name.removesuffix(".dir")
    ]


def flip_byte(path: Path) -> None:
    """Change one byte of an object, and leave it as read-only as it was: DVC trusts it."""
    mode = path.stat().st_mode
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    path.chmod(mode)
