"""A BentoML service with one endpoint that does nothing: what any of its services takes to start."""

import bentoml


@bentoml.service(name="empty", workers=1)
class Empty:
    """Nothing."""

    @bentoml.api(route="/nothing")  # type: ignore[untyped-decorator]
    def nothing(self) -> None:
        """Do nothing."""
