"""Champion against challenger: on the same rows, or a sentence that says why not."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mooring import files
from mooring.bento.compiled import Scorer
from mooring.config.gate import Gate
from mooring.config.report import Report
from mooring.evaluation.comparison import ChampionComparison, HeldOutRows, compare
from mooring.evaluation.evaluation import write_evaluation
from mooring.evaluation.parity import parity
from mooring.features.layout import Layout
from tests.support import tables
from tests.support.exported import Exported, days, export

RELEASE = {"environment": "production", "model": {"md5": "0" * 32}}
GATE = Gate(
    metric="roc_auc",
    floors={"roc_auc": 0.5},
    margin=0.01,
    slice_margin=0.1,
    confidence=0.9,
    n_resamples=200,
    min_rows=100,
    parity_atol=1e-6,
)
LATER = np.timedelta64(400, "D")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(tmp_path_factory.mktemp("exported"))


@pytest.fixture
def champion(exported: Exported, tmp_path: Path) -> Path:
    """Return a champion's directory, whose model is the challenger's own."""
    directory = tmp_path / "champion"
    shutil.copytree(exported.directory, directory / "model")
    files.write_json(directory / "champion.json", {"release": RELEASE})
    return directory


def rows_of(exported: Exported, **changes: Any) -> HeldOutRows:
    table = exported.table
    assert table.times is not None
    values = {
        "inputs": exported.inputs,
        "target": table.target,
        "times": table.times + LATER,
        "days": days(table),
    }
    return HeldOutRows(**values | changes)


def compared(
    champion: Path,
    exported: Exported,
    layout: Layout | None = None,
    scores: Any = None,
    **changes: Any,
) -> ChampionComparison:
    rows = rows_of(exported, **changes)
    own = Scorer.load(exported.directory, 1).score(exported.inputs)
    return compare(
        champion,
        own if scores is None else scores,
        rows,
        ("city",),
        20,
        layout or exported.layout,
        GATE,
        1,
        1,
    )


def test_no_release_means_nothing_to_compare(champion: Path, exported: Exported) -> None:
    files.write_json(champion / "champion.json", {"release": None})
    assert compared(champion, exported) == ChampionComparison(None, None, None, {})


def test_an_identical_champion_has_zero_difference(champion: Path, exported: Exported) -> None:
    found = compared(champion, exported)
    assert (found.release, found.problem) == (RELEASE, None)
    assert found.overall is not None
    assert (found.overall.n, found.overall.n_blocks) == (300, 13)
    assert (found.overall.difference, found.overall.low, found.overall.high) == (0.0, 0.0, 0.0)
    assert set(found.slices) == {"city=Rye", "city=Troy", "city=Utica", "city=(missing)"}
    assert all(each.difference == 0 for each in found.slices.values())
    assert sum(each.n for each in found.slices.values()) == 300
    assert all(each.confidence == pytest.approx(0.975) for each in found.slices.values())
    json.dumps(found.plain(), allow_nan=False)


def test_a_worse_challenger_is_significantly_worse(champion: Path, exported: Exported) -> None:
    noise = np.random.default_rng(1).random(300)
    found = compared(champion, exported, scores=noise)
    assert found.overall is not None
    assert found.overall.high is not None
    assert found.overall.high < -0.1


def test_rows_without_days_are_drawn_one_by_one(champion: Path, exported: Exported) -> None:
    found = compared(champion, exported, days=None, times=None)
    assert found.overall is not None
    assert found.overall.n_blocks is None


def test_a_champion_of_another_target_is_not_compared(champion: Path, exported: Exported) -> None:
    layout = exported.layout.model_copy(update={"target": "delay"})
    found = compared(champion, exported, layout)
    assert found.problem == "it predicts answer (classification) instead of delay (classification)."
    assert (found.overall, found.slices, found.release) == (None, {}, RELEASE)


def test_a_champion_of_another_task_is_not_compared(champion: Path, exported: Exported) -> None:
    layout = exported.layout.model_copy(update={"task": "regression"})
    found = compared(champion, exported, layout)
    assert found.problem == "it predicts answer (classification) instead of answer (regression)."


def test_a_champion_with_missing_or_changed_inputs_is_not_compared(
    champion: Path, exported: Exported
) -> None:
    inputs = {**exported.layout.spec.inputs, "y": "category"}
    del inputs["word"]
    spec = exported.layout.spec.model_copy(update={"inputs": inputs})
    found = compared(champion, exported, exported.layout.model_copy(update={"spec": spec}))
    assert found.problem == "it needs the inputs word, y, which conf/data no longer has."


def test_a_champion_that_saw_the_test_rows_is_not_compared(
    champion: Path, exported: Exported
) -> None:
    found = compared(champion, exported, times=exported.table.times)
    shown = (
        "it was trained on rows up to 2024-01-13T11:00:00.000000, which overlap the test window."
    )
    assert found.problem == shown
    assert exported.table.times is not None
    last = np.full(300, exported.table.times.max())
    assert compared(champion, exported, times=last).problem == shown
    after = exported.table.times.max() + np.timedelta64(1, "us")
    assert compared(champion, exported, times=np.full(300, after)).problem is None


def test_a_champion_whose_golden_rows_do_not_replay_is_not_compared(
    champion: Path, exported: Exported
) -> None:
    golden = files.read_json(champion / "model" / "golden.json")
    golden["scores"][0] += 0.5
    files.write_json(champion / "model" / "golden.json", golden)
    shown = "its golden rows differ by 0.5 when this code replays them."
    assert compared(champion, exported).problem == shown


def test_a_damaged_champion_is_not_compared(champion: Path, exported: Exported) -> None:
    (champion / "model" / "model.onnx").write_bytes(b"")
    problem = compared(champion, exported).problem
    assert problem is not None
    assert "does not match spec.json" in problem


def test_a_champion_with_a_removed_derived_column_is_not_compared(
    champion: Path, exported: Exported
) -> None:
    spec = files.read_json(champion / "model" / "spec.json")
    spec["features"]["derived"] = ["humidex"]
    files.write_json(champion / "model" / "spec.json", spec)
    problem = compared(champion, exported).problem
    assert problem is not None
    assert "derived column humidex does not exist in this code" in problem


def test_the_evaluation_leaves_every_file_that_is_declared(
    champion: Path, exported: Exported, tmp_path: Path
) -> None:
    scorer = Scorer.load(exported.directory, 1)
    scores = scorer.score(exported.inputs)
    report = Report(
        slices=("city",),
        min_slice_rows=20,
        threshold=0.5,
        n_bins=5,
        importance_repeats=2,
        importance_rows=100,
    )
    found = parity(scores, scores, exported.table.keys, 1e-6)
    sections = exported.layout, GATE, report, tables.runtime()
    output = tmp_path / "evaluation"
    rows = rows_of(exported)
    verdict = write_evaluation(output, scorer, scores, rows, champion, found, *sections)
    assert verdict == "merge"
    first = files.sha256_tree(output)
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    assert names >= {
        *("metrics.json", "slices.json", "comparison.json", "parity.json", "gate.json"),
        *("plots/importance.csv", "plots/roc.csv", "plots/residuals.csv"),
    }
    gate = files.read_json(output / "gate.json")
    assert gate["model_sha256"] == scorer.spec.model_sha256
    assert gate["verdict"] == "merge"
    assert files.read_json(output / "comparison.json")["overall"]["difference"] == 0
    assert len((output / "plots/residuals.csv").read_text().splitlines()) == 1
    write_evaluation(output, scorer, scores, rows, champion, found, *sections)
    assert files.sha256_tree(output) == first
