"""Scores as an Apache Arrow stream. Imported with the first request that asks for one: it imports pyarrow."""

from typing import Any

import pyarrow as pa


def encode(scores: Any, decisions: Any, models: Any, facts: dict[str, str]) -> bytes:
    """Return scores, and decisions and models where they are not None, as one Arrow stream."""
    columns = {"score": pa.array(scores, pa.float64())}
    if decisions is not None:
        columns["decision"] = pa.array(decisions, pa.bool_())
    if models is not None:
        columns["model"] = pa.array(models, pa.string())
    table = pa.table(columns).replace_schema_metadata(facts)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
