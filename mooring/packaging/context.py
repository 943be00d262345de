"""Lay out what goes into a bento: the service's modules, the model, and what the release is.

In: the repository and the graph's outputs. Out: a directory that BentoML builds from, with nothing in
it that serving does not need.
"""

import shutil
from pathlib import Path

from mooring.closure import modules_of

DOCKERFILE, REQUIREMENTS, README = "Dockerfile.template", "requirements.lock", "README.md"
RELEASE = "release"
MODEL = "model"


def lay_out(context: Path, service: str, model: Path) -> Path:
    """Copy the service, its lock and Dockerfile, and the model into `context`.

    Return the directory of the release, in which the caller puts what the release is.
    """
    room = Path(*service.split(".")[:-1])
    for name in modules_of(service):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, context / name)
        for package in Path(name).parents[:-1]:  # one without code is left out of a closure
            (context / package / "__init__.py").touch()
    for name in (DOCKERFILE, REQUIREMENTS, README):
        shutil.copyfile(room / name, context / name)
    release = context / RELEASE
    shutil.copytree(model, release / MODEL, copy_function=shutil.copyfile)
    return release
