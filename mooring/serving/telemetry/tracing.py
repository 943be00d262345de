"""OpenTelemetry spans for the paths that do not pass through BentoML, if BentoML's tracing is on.

BentoML's own settings decide (`services.scorer.tracing` of its configuration: exporter_type, sample_rate), so
that one switch holds for all paths. If it is off, nothing is imported and it costs nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bentoml._internal.configuration.containers import BentoMLContainer


class Tracing:
    """Makes one span per request, as a child of the client's."""

    def __init__(self, tracer: Any, propagator: Any, server: Any) -> None:
        self._tracer, self._propagator, self._server = tracer, propagator, server

    @classmethod
    def configured(cls) -> "Tracing | None":
        """Return the tracing that BentoML's configuration asks for, None if it is off."""
        if BentoMLContainer.config.tracing.exporter_type.get() is None:
            return None
        trace = import_module("opentelemetry.trace")
        w3c = import_module("opentelemetry.trace.propagation.tracecontext")
        tracer = BentoMLContainer.tracer_provider.get().get_tracer("mooring.scorer")
        return cls(tracer, w3c.TraceContextTextMapPropagator(), trace.SpanKind.SERVER)

    @contextmanager
    def span(self, name: str, headers: dict[bytes, bytes]) -> Iterator[Any]:
        """Open a span. Inside, `headers` hold the traceparent of the span, which the answer carries."""
        carrier = {
            key.decode(): headers[key].decode("latin-1")
            for key in (b"traceparent", b"tracestate")
            if key in headers
        }
        context = self._propagator.extract(carrier)
        with self._tracer.start_as_current_span(name, context=context, kind=self._server) as span:
            self._propagator.inject(carrier)
            if "traceparent" in carrier:
                headers[b"traceparent"] = carrier["traceparent"].encode()
            yield span
