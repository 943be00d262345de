"""The published schema is the class's own, and takes what the class writes."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from mooring.diagnosis.report import DriftReport
from tests.support.golden import assert_golden
from tests.support.judged import example

ROOT = Path(__file__).parents[3]
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **DriftReport.model_json_schema(by_alias=True),
}


def test_the_published_schema_is_that_of_the_class() -> None:
    text = json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"
    assert_golden(ROOT / "docs/schemas/drift-report-2.json", text)


def test_the_schema_takes_a_report_and_no_other_keys() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    plain = example().plain()
    validator.validate(plain)
    with pytest.raises(ValidationError):
        validator.validate(plain | {"more": 1})
    with pytest.raises(ValidationError):
        validator.validate(plain | {"schema": 1})
