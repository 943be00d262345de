"""What the files of the features stage hold, so that the stages after it need not read conf/data.

Written beside the features, and read with them: an edited range, unit or description of conf/data
then trains nothing again.
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
    """The column that names a row."""
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
        """Return the layout that the features stage wrote. Raises IntegrityError if it is another's."""
        return document.read(path, cls, "is not what the features stage writes", "run 'dvc repro'")

    def write(self, path: Path = LAYOUT) -> None:
        """Replace the file by this layout."""
        files.write_json(path, self.model_dump(mode="json"))
