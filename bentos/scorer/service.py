"""The BentoML service: packaging, life cycle, UI and clients are BentoML's; the hot path is our own.

`bentoml serve` asks the service for its ASGI application once in each worker. There every file of the
bento is checked before anything else of it is imported; a bento that fails the check is never ready.
"""

import logging
import os
import signal
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import bentoml
from _bentoml_sdk import Service  # type: ignore[import-untyped]
from bentoml._internal.context import server_context

from mooring.bento.sealed import check_seal
from mooring.errors import EnvironmentFault, IntegrityError
from mooring.machine.parent import die_with_parent
from mooring.serving.http.closed import Closed
from mooring.serving.telemetry.logs import configure

T = TypeVar("T")
ROOT = Path(__file__).parents[3]
"""The bento: bentos/scorer/service.py lies in its src/."""
RELEASE = ROOT / "src/release"
PARENT = "MOORING_SERVER_PID"
log = logging.getLogger("bentoml.scorer")
if server_context.worker_index is None:  # the process that will start the workers
    os.environ[PARENT] = str(os.getpid())


class ScorerService(Service[T]):  # type: ignore[misc]
    """A BentoML service whose /v1 paths do not pass through its middlewares."""

    def to_asgi(self, is_main: bool = True) -> Any:
        """Return the application of one worker: ready, or closed with the reason."""
        die_with_parent(signal.SIGTERM, int(os.environ.get(PARENT, os.getppid())))
        configure()
        inner = super().to_asgi(is_main=is_main)
        try:
            version = check_seal(ROOT, in_image="BENTOML_CONTAINERIZED" in os.environ)
            predictor = import_module("mooring.serving.scoring.predictor").Predictor
            scorer = predictor.load(RELEASE, version)
            store = import_module("mooring.serving.recording.recorder").records_url(os.environ)
        except (IntegrityError, EnvironmentFault) as error:
            log.error("never ready: %s", error)
            return Closed(inner, str(error))
        if store is not None:
            scorer.record_to(store, RELEASE)
        log.info("records go %s", f"to {store}" if store else "nowhere")
        log.info("ready: scorer:%s, models %s", version, ", ".join(scorer.routing.digests))
        front = import_module("mooring.serving.http.front").Front(inner, scorer)
        import_module("mooring.serving.http.connections").install(front.direct)
        return front


@bentoml.service(
    name="scorer", service_class=ScorerService, workers=int(os.environ.get("MOORING_WORKERS", "1"))
)
class Scorer:
    """Scores rows with one compiled model. What a row holds is said at /openapi.json."""

    @bentoml.api(route="/v1/predict")  # type: ignore[untyped-decorator]
    def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return one score for each row; answered before BentoML's own path is reached."""
        raise NotImplementedError
