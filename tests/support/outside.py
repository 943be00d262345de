"""What schemathesis needs to know of Arrow: how a valid request is made, and how an answer is read.

Loaded by its command line (SCHEMATHESIS_HOOKS), for the columns of the small problem.
"""

import io
from typing import Any

import pyarrow as pa
import schemathesis
from hypothesis import strategies as st

ARROW = "application/vnd.apache.arrow.stream"


def stream(table: pa.Table) -> bytes:
    """Return a table as one Arrow IPC stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _table(rows: list[tuple[float | None, str | None]]) -> pa.Table:
    x, city = zip(*rows, strict=True)
    return pa.table({"x": pa.array(x, pa.float64()), "city": pa.array(city, pa.string())})


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
values = st.tuples(st.none() | st.floats(-1e9, 1e9), st.none() | texts)
streams = st.lists(values, min_size=1, max_size=20).map(_table).map(stream)

schemathesis.openapi.media_type(ARROW, streams)


@schemathesis.deserializer(ARROW)
def scores_of(ctx: Any, response: Any) -> list[dict[str, Any]]:
    """Return the rows of an Arrow answer; raise where it is not Arrow."""
    return pa.ipc.open_stream(response.content).read_all().to_pylist()
