"""FastAPI with scikit-learn: rows into a DataFrame, through the fitted pipeline.

The handler is a coroutine: one model at a time on one core is faster without a pool of threads.
"""

import os
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI

app = FastAPI()
pipeline = joblib.load(os.environ["PIPELINE"])


@app.get("/readyz")  # type: ignore[untyped-decorator]
async def readyz() -> dict[str, str]:
    """Answer once the pipeline is loaded."""
    return {"status": "ready"}


@app.post("/predict")  # type: ignore[untyped-decorator]
async def predict(rows: list[dict[str, Any]]) -> list[float]:
    """Return one score for each row."""
    scores: list[float] = pipeline.predict_proba(pd.DataFrame(rows))[:, 1].tolist()
    return scores
