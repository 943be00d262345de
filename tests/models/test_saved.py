"""Saved pipelines: the same bytes from any process, and no type is loaded that is not known."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mooring.errors import ModelError
from mooring.models.saved import dump_pipeline, load_pipeline
from mooring.models.training import fit, predict
from tests.support import tables

ROOT = Path(__file__).parents[2]
DUMP = """
import sys
from mooring.models.saved import dump_pipeline
from mooring.models.training import fit
from tests.support import tables
rubbish = [object() for _ in range(int(sys.argv[1]))]  # so that addresses differ
features = tables.features(encode="target", indicator=True)
for name, size in (("RandomForest", "n_estimators"), ("HistGradientBoosting", "max_iter")):
    model = tables.model(f"sklearn.ensemble.{name}Classifier", **{size: 3})
    pipeline = fit(tables.table(), features, model, {}, tables.runtime())
    sys.stdout.buffer.write(dump_pipeline(pipeline))
"""


def test_two_processes_save_the_same_bytes() -> None:
    first, second = (
        subprocess.run(
            [sys.executable, "-c", DUMP, count],
            cwd=ROOT,
            env={"PYTHONHASHSEED": count},
            capture_output=True,
            check=True,
        ).stdout
        for count in ("1", "50000")
    )
    assert len(first) > 1000
    assert first == second


def test_a_loaded_pipeline_scores_the_same(tmp_path: Path) -> None:
    table = tables.table()
    model = tables.model("sklearn.ensemble.GradientBoostingClassifier", n_estimators=3)
    pipeline = fit(table, tables.features(encode="ordinal"), model, {}, tables.runtime())
    (tmp_path / "p").write_bytes(dump_pipeline(pipeline))
    np.testing.assert_array_equal(
        predict(load_pipeline(tmp_path / "p"), table), predict(pipeline, table)
    )


def test_an_unknown_type_is_not_loaded(tmp_path: Path) -> None:
    evil = Pipeline([("columns", FunctionTransformer(func=subprocess.check_output))])
    (tmp_path / "p").write_bytes(skops.io.dumps(evil))
    with pytest.raises(ModelError) as caught:
        load_pipeline(tmp_path / "p")
    assert str(caught.value) == (
        f"{tmp_path}/p: contains untrusted types\n"
        "  expected: types of scikit-learn and numpy only\n"
        "  got: subprocess.check_output\n"
        "  fix: choose another estimator in conf/model"
    )
    with pytest.raises(ModelError, match=r"^conf/model: contains untrusted types"):
        dump_pipeline(evil)
