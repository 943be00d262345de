"""A stock BentoML endpoint with scikit-learn: a DataFrame through the fitted pipeline."""

import os

import bentoml
import joblib
import numpy as np
import pandas as pd


@bentoml.service(workers=1)
class Stock:
    """The pipeline, as BentoML's guides serve one."""

    def __init__(self) -> None:
        self.pipeline = joblib.load(os.environ["PIPELINE"])

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator]
    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return one score for each row."""
        scores: np.ndarray = self.pipeline.predict_proba(rows)[:, 1]
        return scores
