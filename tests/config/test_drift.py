"""conf/drift: values that could judge nothing, or contradict each other, are refused by name."""

from typing import Any

import pytest
import yaml

from mooring.config.drift import Drift
from mooring.errors import ConfigError
from tests.support.conf import CONF

DAYS = yaml.safe_load((CONF / "drift/days.yaml").read_text())


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"alpha": 0.5}, "drift.alpha = 0.5", "less than 0.5"),
        ({"alpha": 0}, "drift.alpha = 0", "greater than 0"),
        ({"n_draws": 99}, "drift.n_draws = 99", "greater than or equal to 100"),
        ({"window_days": 0}, "drift.window_days = 0", "greater than or equal to 1"),
        ({"min_rows": 0}, "drift.min_rows = 0", "greater than or equal to 1"),
        ({"informs_effect": 0}, "drift.informs_effect = 0", "greater than 0"),
        ({"retrains_effect": 1}, "drift.retrains_effect = 1", "less than 1"),
        ({"slices": []}, "drift.slices = []", "no such key"),
        (
            {"segments": {"c": ["a", "a"]}},
            'drift.segments = {"c": ["a", "a"]}',
            "distinct, non-empty texts for each column, at most 50 in all",
        ),
        ({"segments": {"c": [True]}}, "drift.segments.c.0 = true", "a valid string"),
        (
            {"persistence": {"alarms": 4, "looks": 3}},
            'drift.persistence = {"alarms": 4, "looks": 3}',
            "no more alarms than looks",
        ),
        (
            {"quality": DAYS["quality"] | {"null_frac": 1.5}},
            "drift.quality.null_frac = 1.5",
            "less than or equal to 1",
        ),
        (
            {"quality": DAYS["quality"] | {"volume_frac": 1}},
            "drift.quality.volume_frac = 1",
            "less than 1",
        ),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], key: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Drift.parse("drift", DAYS | change)
    assert str(caught.value) == (
        f"params.yaml: {key}\n"
        f"  expected: {expected}\n"
        "  fix: edit conf/drift/, then run 'mooring compose'"
    )


def test_retrains_effect_is_at_least_informs_effect() -> None:
    with pytest.raises(ConfigError) as caught:
        Drift.parse("drift", DAYS | {"informs_effect": 0.06})
    assert caught.value.expected == "retrains_effect no less than informs_effect"
