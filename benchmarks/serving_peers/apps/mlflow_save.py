"""Save a fitted pipeline as an MLflow model: python mlflow_save.py PIPELINE DIRECTORY.

Without a signature, so that its scoring server checks no types.
"""

import sys

import joblib
import mlflow.sklearn

if __name__ == "__main__":
    pipeline, directory = sys.argv[1:]
    mlflow.sklearn.save_model(
        joblib.load(pipeline),
        directory,
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=[],
    )
