"""Log lines: JSON unless they go to a terminal, each with the trace that it belongs to."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

TRACE: ContextVar[bytes] = ContextVar("traceparent", default=b"")
"""The traceparent of the request that is being answered."""
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, process, message, trace_id."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            "trace_id": trace_id(TRACE.get()),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def trace_id(traceparent: bytes) -> str | None:
    """Return the trace of a W3C traceparent, None if it is invalid."""
    found = TRACEPARENT.fullmatch(traceparent)
    return found[1].decode() if found else None


def configure() -> None:
    """Make every handler of the root and of BentoML write JSON, unless it goes to a terminal."""
    if sys.stderr.isatty():
        return
    for name in ("", "bentoml"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(JsonFormatter())
