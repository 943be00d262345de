"""The published schema is the class's own, and takes what the class writes."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from mooring.reports.drift.schema import json_schema
from tests.support.golden import assert_golden
from tests.support.judged import example

ROOT = Path(__file__).parents[3]


def test_the_published_schema_is_that_of_the_class() -> None:
    assert_golden(ROOT / "docs/schemas/drift-report-1.json", json_schema())


def test_the_schema_takes_a_report_and_no_other_keys() -> None:
    schema = json.loads(json_schema())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    plain = example().plain()
    validator.validate(plain)
    with pytest.raises(ValidationError):
        validator.validate(plain | {"more": 1})
    with pytest.raises(ValidationError):
        validator.validate(plain | {"schema": 2})
