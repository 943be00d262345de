"""Addresses and keys that environment variables hold, whose names conf/ holds.

An address may be a secret by itself (whoever knows a Slack webhook's may write): no message shows one.
"""

import os
from urllib.parse import urlsplit

from mooring.errors import EnvironmentFault

MIN_SECRET_BYTES = 16
"""An HMAC key that can be guessed proves nothing; RFC 2104 wants the length of the hash, 32."""


def url_of(variable: str) -> str | None:
    """Return the URL in an environment variable, None where it is not set or is empty.

    Raises EnvironmentFault for what is no http or https URL.
    """
    url = os.environ.get(variable, "").strip()
    if not url:
        return None
    if not _is_http(url):
        raise EnvironmentFault(
            "holds no URL",
            where=f"${variable}",
            expected="such as https://host.example/path",
            got=f"{len(url)} characters, which may be secret",
        )
    return url


def secret_of(variable: str, required: bool) -> str | None:
    """Return the key in an environment variable, None where it is not set and need not be.

    Raises EnvironmentFault where it is needed and missing, or too short.
    """
    secret = os.environ.get(variable, "")
    if not secret and not required:
        return None
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise EnvironmentFault(
            "holds no key to sign with",
            where=f"${variable}",
            expected=f"at least {MIN_SECRET_BYTES} bytes",
            got=f"{len(secret.encode())} bytes",
            fix=f"export {variable}=$(openssl rand -hex 32), and give the receiver the same",
        )
    return secret


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # which raises for one that is no number
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)
