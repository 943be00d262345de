"""The columns of rows.parquet and of the train and test windows.

In: conf/data. Out: names, types and order of the columns in every file of rows.
"""

from mooring.config.data import Data


def declared_types(data: Data) -> dict[str, str]:
    """Return each column's type, in file order: string, double or timestamp."""
    types = {data.key: "string"}
    if data.time:
        types[data.time.column] = "timestamp"
    types[data.target.column] = "double"
    inputs = {
        name: "double" if column.kind == "number" else "string"
        for name, column in data.columns.items()
    }
    return types | inputs
