"""The pins of an environment, by content: release.yaml.

In: argo/apps/scorer/overlays/<environment>/release.yaml. Out: a checked `Release`.
"""

import json
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from mooring.config.section import Strict, first_fault
from mooring.errors import ConfigError

PRODUCTION = Path("argo/apps/scorer/overlays/production/release.yaml")
"""The pins of production, whose model is the champion."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ModelPin(Strict):
    """A model directory, by content."""

    md5: str = Field(pattern=r"^[0-9a-f]{32}\.dir$")
    """DVC's hash of the directory, its name in the cache."""
    sha256: Sha256
    """The sha256 of its files (`mooring.files.sha256_tree`), against tampering."""


class Release(Strict):
    """One environment's pins. Without a model there is no release, and all other pins are null."""

    model: ModelPin | None
    source_commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    dvc_lock_sha256: Sha256 | None = None
    image: Annotated[str, Field(pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$")] | None = None

    @model_validator(mode="after")
    def _all_or_nothing(self) -> Self:
        others = ("source_commit", "dvc_lock_sha256", "image")
        pinned = [name for name in others if getattr(self, name) is not None]
        if self.model is None and pinned:
            raise ValueError(f"{', '.join(pinned)}: null if model is null")
        return self


def read_release(path: Path) -> Release:
    """Return the release that a file pins. Raises ConfigError when it is unreadable or wrong."""
    fix = "restore it with 'git checkout'; only pull requests change a release"
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        # Through JSON, like the sections of params.yaml.
        return Release.model_validate_json(json.dumps(value))
    except ValidationError as error:
        fault = first_fault(error)
        raise ConfigError(
            f"{fault.key or 'the whole file'} is wrong",
            where=str(path),
            expected=fault.expected,
            got=fault.got,
            fix=fix,
        ) from error
    except (OSError, yaml.YAMLError, TypeError, ValueError) as error:
        raise ConfigError("cannot be read", where=str(path), got=str(error), fix=fix) from error
