"""The layout of the features stage's files, so that later stages need not read conf/data.

Written and read together with the features, so that editing a range, unit or description in conf/data
does not retrain the model.
"""

from pathlib import Path
from typing import Self

from mooring import files
from mooring.config import document
from mooring.config.data import Data, Time
from mooring.config.features import Features
from mooring.config.metric import Task
from mooring.config.section import Strict
from mooring.features.spec import FeatureSpec

LAYOUT = Path("data/features/layout.json")


class Layout(Strict):
    """The part of conf/data and conf/features that a model depends on."""

    name: str
    task: Task
    key: str
    """The column that identifies a row."""
    time: Time | None
    target: str
    """The column that is predicted."""
    spec: FeatureSpec

    @classmethod
    def of(cls, data: Data, features: Features) -> Self:
        """Return the layout that conf/ gives. Raises ConfigError as FeatureSpec.of does."""
        return cls(
            name=data.name,
            task=data.task,
            key=data.key,
            time=data.time,
            target=data.target.column,
            spec=FeatureSpec.of(data, features),
        )

    @classmethod
    def read(cls, path: Path = LAYOUT) -> Self:
        """Return the layout that the features stage wrote. Raises IntegrityError for any other content."""
        return document.read(path, cls, "is not a layout of the features stage", "run 'dvc repro'")

    def write(self, path: Path = LAYOUT) -> None:
        """Replace the file with this layout."""
        files.write_json(path, self.model_dump(mode="json"))
