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

    @bentoml.api(route="/predict")
    def predict(self, rows: pd.DataFrame) -> np.ndarray:  # type: ignore[type-arg]
        """Return one score for each row."""
        scores: np.ndarray = self.pipeline.predict_proba(rows)[:, 1]  # type: ignore[type-arg]
        return scores
