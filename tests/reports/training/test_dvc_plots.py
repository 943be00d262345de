"""The plots of dvc.yaml: DVC draws what has rows, and leaves out the curves of the other task."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.workspaces import Workspace

ROOT = Path(__file__).parents[3]
BOTH = {"Permutation importance"}
OF_TASK = {
    "first_release": {
        "ROC curve",
        "Precision and recall",
        "Calibration",
        "Confusion",
        "Thresholds",
    },
    "regression": {"Residuals", "Mean calibration"},
}
SEARCH = {"Search trials", "Search importance"}


@pytest.mark.parametrize("problem", OF_TASK)
def test_dvc_draws_the_plots_of_the_task(
    problem: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    workspace = Workspace(tmp_path)
    workspace.git("init", "-q")
    workspace.dvc("init", "-q")
    (workspace.path / "dvc.yaml").write_text(yaml.safe_dump({"plots": plots}, sort_keys=False))
    shutil.copytree(request.getfixturevalue(problem) / "reports", workspace.path / "reports")
    shown = json.loads(workspace.dvc("plots", "show", "--json"))
    drawn = {name for name, renderers in shown["data"].items() if renderers}
    assert "errors" not in shown
    assert set(shown["data"]) == {name for plot in plots for name in plot}
    assert drawn >= BOTH | OF_TASK[problem]
    assert not drawn & SEARCH  # nothing was searched
    for renderers in shown["data"].values():
        for renderer in renderers:
            assert renderer["content"]["data"]["values"]
