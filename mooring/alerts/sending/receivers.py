"""URLs and keys from environment variables, whose names are in conf/.

A URL may be a secret (whoever knows a Slack webhook's URL may post to it), so no message shows one.
"""

import os
from urllib.parse import urlsplit

from mooring.errors import EnvironmentFault

MIN_SECRET_BYTES = 16
"""The shortest HMAC key: a short key can be guessed. RFC 2104 recommends the length of the hash, 32."""


def url_of(variable: str) -> str | None:
    """Return the URL in an environment variable, None if it is not set or empty.

    Raises EnvironmentFault when it is not an http or https URL.
    """
    url = os.environ.get(variable, "").strip()
    if not url:
        return None
    if not _is_http(url):
        raise EnvironmentFault(
            "is not a URL",
            where=f"${variable}",
            expected="such as https://host.example/path",
            got=f"{len(url)} characters, not shown since they may be secret",
        )
    return url


def secret_of(variable: str, required: bool) -> str | None:
    """Return the key in an environment variable, None if it is optional and not set.

    Raises EnvironmentFault when it is required and missing, or too short.
    """
    secret = os.environ.get(variable, "")
    if not secret and not required:
        return None
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise EnvironmentFault(
            "is not a valid signing key",
            where=f"${variable}",
            expected=f"at least {MIN_SECRET_BYTES} bytes",
            got=f"{len(secret.encode())} bytes",
            fix=f"export {variable}=$(openssl rand -hex 32), and configure the receiver with the same key",
        )
    return secret


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if the port is not a number
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)
