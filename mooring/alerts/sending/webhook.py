"""Post a signed message to a webhook, with retries.

Each attempt has the same body and Idempotency-Key, and a signature with its own timestamp.
"""

import json
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from mooring.alerts.message import Message, signature
from mooring.config.alerts import Webhook
from mooring.errors import EnvironmentFault

TOO_MANY_REQUESTS = 429


class _Stay(HTTPRedirectHandler):
    """Refuses redirects, so that a message and its signature go only to the configured URL."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow no redirect, so that one counts as a refusal."""


_OPENER = build_opener(_Stay)


def post(url: str, secret: str | None, message: Message, settings: Webhook) -> None:
    """Send a message. Raises EnvironmentFault when the receiver refuses it, or after the last attempt."""
    body = json.dumps(message.document, sort_keys=True, allow_nan=False).encode()
    for attempt in range(1, settings.attempts + 1):
        headers = _headers(message.key, secret, body)
        problem, passing = _attempt(Request(url, body, headers), settings.timeout_s)  # noqa: S310
        if not problem:
            return
        if not passing or attempt == settings.attempts:
            break
        time.sleep(settings.backoff_s * 2 ** (attempt - 1))
    raise EnvironmentFault(
        "the webhook does not accept the message",
        where=f"${settings.url_env}",
        expected="a status from 200 to 299",
        got=f"{problem}, after {attempt} of {settings.attempts} attempts",
        fix="run the same command again: it sends the message with the same Idempotency-Key",
    )


def _headers(key: str, secret: str | None, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    if secret is not None:
        now = int(time.time())
        headers["Mooring-Timestamp"] = str(now)
        headers["Mooring-Signature"] = signature(secret, now, body)
    return headers


def _attempt(request: Request, timeout_s: float) -> tuple[str, bool]:
    """Return the error, empty after success, and whether a retry may succeed."""
    try:
        with _OPENER.open(request, timeout=timeout_s):
            return "", False
    except HTTPError as error:
        with error:
            return f"{error.code}", error.code == TOO_MANY_REQUESTS or error.code >= 500
    except (OSError, HTTPException) as error:
        return f"{type(error).__name__}: {_reason(error)}", True


def _reason(error: Any) -> str:
    return str(getattr(error, "reason", error))
