"""The metrics that can steer a search or a gate: which task each is for, and which way is better."""

from typing import Literal, get_args

Task = Literal["classification", "regression"]
ClassificationMetric = Literal["roc_auc", "average_precision", "log_loss", "brier"]
RegressionMetric = Literal["rmse", "mae", "r2"]
Metric = ClassificationMetric | RegressionMetric

HIGHER_IS_BETTER = frozenset({"roc_auc", "average_precision", "r2"})
METRICS_OF_TASK: dict[Task, tuple[Metric, ...]] = {
    "classification": get_args(ClassificationMetric),
    "regression": get_args(RegressionMetric),
}
