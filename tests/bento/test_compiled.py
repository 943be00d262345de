"""The scorer: its files are checked, its golden rows replay, and it scores as what was fitted."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mooring import files
from mooring.bento.compiled import Scorer
from mooring.bento.session import Session
from mooring.errors import IntegrityError, ModelError
from mooring.models.card import describe
from mooring.models.export import N_GOLDEN
from mooring.models.training import predict
from tests.support import tables
from tests.support.exported import Exported, export


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(tmp_path_factory.mktemp("exported"))


@pytest.fixture
def directory(exported: Exported, tmp_path: Path) -> Path:
    """Return a copy to damage."""
    return Path(shutil.copytree(exported.directory, tmp_path / "scorer"))


def test_rows_are_scored_as_fitted_from_raw_inputs(exported: Exported) -> None:
    scorer = Scorer.load(exported.directory, 1)
    scores = scorer.score(exported.inputs)
    np.testing.assert_allclose(scores, predict(exported.pipeline, exported.table), atol=1e-13)
    one = {name: values[7:8] for name, values in exported.inputs.items()}
    np.testing.assert_allclose(scorer.score(one), scores[7:8], rtol=1e-12)


def test_a_few_rows_are_scored_like_many(exported: Exported) -> None:
    scorer = Scorer.load(exported.directory, 1)
    kinds = exported.layout.spec.inputs
    numbers, texts = ([n for n in kinds if kinds[n] == kind] for kind in ("number", "category"))
    columns = [exported.inputs[name].tolist() for name in (*numbers, *texts)]
    rows = [
        tuple(None if value in ("",) or value != value else value for value in row)
        for row in zip(*columns, strict=True)
    ]
    assert any(None in row for row in rows)
    arranged = scorer.arranged(numbers, texts)
    few = np.concatenate([arranged.score_few(rows[at : at + 7]) for at in range(0, len(rows), 7)])
    np.testing.assert_allclose(few, scorer.score(exported.inputs), rtol=1e-12)


def test_golden_rows_replay(exported: Exported) -> None:
    golden = files.read_json(exported.directory / "golden.json")
    assert len(golden["scores"]) == N_GOLDEN
    assert any(value is None for value in golden["rows"]["x"])
    assert Scorer.load(exported.directory, 1).golden_difference() <= 1e-12


def test_the_spec_describes_the_model(exported: Exported) -> None:
    spec = Scorer.load(exported.directory, 1).spec
    assert (spec.name, spec.task, spec.target) == ("small", "classification", "answer")
    assert spec.model_sha256 == files.sha256_file(exported.directory / "model.onnx")
    assert spec.train_end == "2024-01-13T11:00:00.000000"
    assert spec.features == exported.layout.spec


def test_regression_without_time_is_exported(tmp_path: Path) -> None:
    exported = export(tmp_path, "regression", timed=False)
    scorer = Scorer.load(exported.directory, 1)
    assert scorer.spec.train_end is None
    assert scorer.golden_difference() <= 1e-12


@pytest.mark.parametrize("position", [0, 100, -1])
def test_a_flipped_byte_is_refused_by_the_name_of_its_file(
    directory: Path, exported: Exported, position: int
) -> None:
    model = bytearray((directory / "model.onnx").read_bytes())
    model[position] ^= 1
    (directory / "model.onnx").write_bytes(model)
    with pytest.raises(IntegrityError) as caught:
        Scorer.load(directory, 1)
    proved = Scorer.load(exported.directory, 1).spec.model_sha256
    assert str(caught.value) == (
        f"{directory}/model.onnx: does not match spec.json\n"
        f"  expected: sha256 {proved}\n"
        f"  got: sha256 {files.sha256_bytes(bytes(model))}\n"
        "  fix: restore it with 'dvc checkout', or run 'dvc repro'"
    )


@pytest.mark.parametrize("name", ["model.onnx", "spec.json", "golden.json"])
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    with pytest.raises(IntegrityError) as caught:
        Scorer.load(directory, 1)
    assert caught.value.where == str(directory / name)


@pytest.mark.parametrize("change", [{"schema_version": 1}, {"extra": 1}, {"features": {}}])
def test_an_invalid_spec_is_refused(directory: Path, change: dict[str, object]) -> None:
    spec = json.loads((directory / "spec.json").read_text())
    (directory / "spec.json").write_text(json.dumps(spec | change))
    with pytest.raises(IntegrityError, match="describes a model that this code cannot serve"):
        Scorer.load(directory, 1)


def test_an_edited_golden_score_is_detected(directory: Path) -> None:
    golden = json.loads((directory / "golden.json").read_text())
    golden["scores"][5] += 0.25
    (directory / "golden.json").write_text(json.dumps(golden))
    assert Scorer.load(directory, 1).golden_difference() == pytest.approx(0.25)


def test_golden_rows_replay_row_by_row(exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Scorer.load(exported.directory, 1)
    few = Session.score_few
    monkeypatch.setattr(Session, "score_few", lambda self, rows: few(self, rows) + 0.125)
    assert scorer.golden_difference() == pytest.approx(0.125)


def test_a_missing_column_is_named(exported: Exported) -> None:
    inputs = {name: values for name, values in exported.inputs.items() if name != "y"}
    with pytest.raises(ModelError, match="column y is missing from the rows"):
        Scorer.load(exported.directory, 1).score(inputs)


def test_exporting_again_gives_the_same_bytes(exported: Exported, tmp_path: Path) -> None:
    again = export(tmp_path)
    assert files.sha256_tree(again.directory) == files.sha256_tree(exported.directory)


def test_the_card_states_facts_in_json(exported: Exported, tmp_path: Path) -> None:
    pinned = {"name": "n", "query": "q", "rows": 300, "rows_hash": "r", "time": None}
    model = tables.model("sklearn.linear_model.LogisticRegression")
    card = describe(exported.pipeline, exported.table, model, pinned | {"other": 1})
    files.write_json(tmp_path / "card.json", card)
    assert card["data"] == pinned
    assert card["train"]["rows"] == 300
    assert card["train"]["target_mean"] == pytest.approx(exported.table.target.mean())
    assert card["params"]["C"] == 1.0
    assert card["columns"] == ["x", "y", "z", "city", "word"]
    assert set(card["libraries"]) >= {"onnxruntime", "scikit-learn"}
