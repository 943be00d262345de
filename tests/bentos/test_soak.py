"""A short form of the benchmark's soak: 80% of the scorer's capacity, with records on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.load.figures import Bodies
from benchmarks.serving_cases.servers import scorer
from benchmarks.serving_cases.soak import MEMORY_LIMIT, soak
from tests.support.tools import needs


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.prove)])
def test_a_soak_has_no_error_and_no_memory_growth(
    bento: Path, tmp_path: Path, seconds: int, record_property: Callable[[str, object], None]
) -> None:
    needs("wrk")
    rows = [{"x": number / 50, "city": "b"} for number in range(50)]
    contents = [json.dumps({"rows": [row]}).encode() for row in rows]
    bodies = Bodies.write(tmp_path / "bodies", "/v1/predict", "application/json", contents, 1)
    with scorer(bento, tmp_path / "server", records=True) as running:
        found = soak(running, bodies, seconds)
    record_property("requests per second", round(found.rate))
    record_property("seconds", seconds)
    record_property("errors", found.n_errors)
    record_property("rows dropped", round(found.n_dropped))
    record_property("memory relative to its start", found.growth)
    assert found.n_errors == 0
    assert seconds < 60 or found.n_dropped == 0  # a shorter one ends before the writer has settled
    assert seconds < 60 or found.growth <= MEMORY_LIMIT  # a server grows in its first seconds
