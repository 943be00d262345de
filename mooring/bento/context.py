"""Lay out the build context of a bento: the service's modules, the model and the release's facts.

In: the repository and the graph's outputs. Out: the directory that BentoML builds from, with only the
files that serving needs.
"""

import shutil
from pathlib import Path
from typing import Any

from mooring import files
from mooring.errors import ConfigError
from mooring.graph.closure import closure
from mooring.release.champion import CHAMPION
from mooring.release.pins import PRODUCTION

DOCKERFILE, REQUIREMENTS, README = "Dockerfile.template", "requirements.lock", "README.md"
RELEASE = "release"
MODEL = "model"


def lay_out(context: Path, service: str, model: Path) -> Path:
    """Copy the service, its lock and Dockerfile, and the model into `context`.

    Return the directory of the release, where the caller writes the release's facts.
    """
    room = Path(*service.split(".")[:-1])
    for name, path in closure(service).files.items():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, context / name)
        for package in Path(name).parents[:-1]:  # one without code is left out of a closure
            (context / package / "__init__.py").touch()
    for name in (DOCKERFILE, REQUIREMENTS, README):
        shutil.copyfile(room / name, context / name)
    release = context / RELEASE
    shutil.copytree(model, release / MODEL, copy_function=shutil.copyfile)
    return release


def add_champion(release: Path, challenger: dict[str, Any]) -> str:
    """Copy the champion beside the challenger, whose spec is given; return the champion's sha256.

    Raises ConfigError when there is no champion, or when it needs inputs that a request does not have.
    """
    source = CHAMPION / "model"
    if not source.is_dir():
        raise ConfigError(
            "a comparison requires a champion, and production has none",
            where="params.yaml: serving.comparison",
            expected=f"a release in {PRODUCTION}, checked out by stage champion",
            fix="set comparison to null in conf/serving, or release a model first",
        )
    champion = files.read_json(source / "spec.json")
    lacking = set(champion["features"]["inputs"]) - set(challenger["features"]["inputs"])
    if lacking:
        raise ConfigError(
            "the champion needs inputs that a request does not have",
            where="params.yaml: serving.comparison",
            expected=f"the inputs {', '.join(sorted(challenger['features']['inputs']))}",
            got=f"also {', '.join(sorted(lacking))}",
            fix="set comparison to null in conf/serving",
        )
    shutil.copytree(source, release / "champion", copy_function=shutil.copyfile)
    return str(champion["model_sha256"])
