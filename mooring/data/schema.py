"""The rules of conf/data as a pandera schema.

In: the declared columns. Out: a schema for a batch of rows, each check named after the key of
conf/data that sets it. Rules over all rows (null shares, unique keys, order) are in validation.
"""

import numpy as np
import pandas as pd
import pandera.pandas as pa

from mooring.config.data import CategoryColumn, Data, NumberColumn


def batch_schema(data: Data) -> pa.DataFrameSchema:
    """Return the schema of one batch, all nullable: null shares are counted separately."""
    columns = {name: _column(column) for name, column in data.columns.items()}
    columns[data.target.column] = pa.Column(float, _target_checks(data), nullable=True)
    return pa.DataFrameSchema(columns, strict=False, coerce=False)


def _column(column: NumberColumn | CategoryColumn) -> pa.Column:
    if isinstance(column, NumberColumn):
        return pa.Column(float, _number_checks(column), nullable=True)
    return pa.Column("str", _category_checks(column), nullable=True)


def _finite() -> pa.Check:
    return pa.Check(lambda values: ~np.isinf(values), name="finite", error="finite")


def _number_checks(column: NumberColumn) -> list[pa.Check]:
    checks = [_finite()]
    if column.min is not None:
        checks.append(pa.Check.ge(column.min, name="min", error="min"))
    if column.max is not None:
        checks.append(pa.Check.le(column.max, name="max", error="max"))
    return checks


def _category_checks(column: CategoryColumn) -> list[pa.Check]:
    longest = column.max_length
    checks = [
        pa.Check(lambda texts: texts.str.len() <= longest, name="max_length", error="max_length")
    ]
    if column.categories is not None:
        checks.append(pa.Check.isin(column.categories, name="categories", error="categories"))
    return checks


def _target_checks(data: Data) -> list[pa.Check]:
    if data.task == "regression":
        return [_finite()]
    return [_finite(), pa.Check.isin([0.0, 1.0], name="zero_or_one", error="zero_or_one")]


def failures(schema: pa.DataFrameSchema, batch: pd.DataFrame) -> pd.DataFrame:
    """Return one line for each broken rule and row: column, check, and index (the row number)."""
    try:
        schema.validate(batch, lazy=True)
    except pa.errors.SchemaErrors as error:
        broken: pd.DataFrame = error.failure_cases[["column", "check", "index"]]
        return broken
    return pd.DataFrame({"column": [], "check": [], "index": []})
