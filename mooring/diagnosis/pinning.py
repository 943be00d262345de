"""mooring drift pin: keep a report's evidence in the graph, so that `dvc repro` makes the report again.

DVC tracks the evidence and the reference that it names below reports/pinned/, so `dvc push` carries
them and a commit names them by content. A stage of dvc.yaml, added with the first pin, judges them.
"""

import shutil
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo

from mooring import files
from mooring.diagnosis.report_file import EVIDENCE, PAGE, PULL_REQUEST, REPORT
from mooring.diagnosis.verification import verify
from mooring.errors import EnvironmentFault
from mooring.graph import pipeline_file

PINNED = Path("reports/pinned")
REFERENCE = "reference"
STAGE = "drift"


def pin(directory: Path, reference: Path) -> None:
    """Copy a report's evidence and reference to reports/pinned/, track them, and declare the stage.

    Running it again after a kill converges. Raises IntegrityError unless the report can be made again,
    EnvironmentFault where DVC cannot track the files.
    """
    verify(directory, reference)
    for source, name in ((directory / EVIDENCE, EVIDENCE), (reference, REFERENCE)):
        with files.replacing_directory(PINNED / name) as temporary:
            shutil.copytree(source, temporary, dirs_exist_ok=True)
    document, lines = pipeline_file.rewritten(needed={STAGE: _stage()})
    if lines:
        pipeline_file.write(document)
    try:
        with Repo() as repo:
            repo.scm_context.quiet = True  # the command says what to do next
            repo.add([str(PINNED / name) for name in (EVIDENCE, REFERENCE)])
    except DvcException as error:
        raise EnvironmentFault(
            "DVC cannot track the evidence",
            where=str(PINNED),
            got=str(error),
            fix="see 'dvc doctor', then run the same command again",
        ) from error


def _stage() -> dict[str, Any]:
    made = [{str(PINNED / name): {"cache": False}} for name in (REPORT, PAGE, PULL_REQUEST)]
    return {
        "desc": "judge the pinned evidence of serving",
        "cmd": f"exec python -m stages {STAGE}",
        "deps": [str(PINNED / EVIDENCE), str(PINNED / REFERENCE)],
        "outs": made,
    }
