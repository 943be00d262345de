"""Lay out what goes into a bento: the service's modules, the model, and what the release is.

In: the repository and the graph's outputs. Out: a directory that BentoML builds from, with nothing in
it that serving does not need.
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

    Return the directory of the release, in which the caller puts what the release is.
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

    Raises ConfigError where there is no champion, or where it needs another input than a request has.
    """
    source = CHAMPION / "model"
    if not source.is_dir():
        raise ConfigError(
            "asks for a comparison, and there is no champion",
            where="params.yaml: serving.comparison",
            expected=f"a release in {PRODUCTION}, brought here by stage champion",
            fix="set comparison to null in conf/serving, or release a model first",
        )
    champion = files.read_json(source / "spec.json")
    lacking = set(champion["features"]["inputs"]) - set(challenger["features"]["inputs"])
    if lacking:
        raise ConfigError(
            "asks for a comparison with a champion that needs other inputs",
            where="params.yaml: serving.comparison",
            expected=f"the inputs {', '.join(sorted(challenger['features']['inputs']))}",
            got=f"also {', '.join(sorted(lacking))}",
            fix="set comparison to null in conf/serving",
        )
    shutil.copytree(source, release / "champion", copy_function=shutil.copyfile)
    return str(champion["model_sha256"])
