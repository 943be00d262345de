"""The published schema of report.json, for those who read it without Mooring."""

import json

from mooring.diagnosis.report import DriftReport

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> str:
    """Return the JSON Schema of a drift report, as the text of its file."""
    schema = {"$schema": DIALECT, **DriftReport.model_json_schema(by_alias=True)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
