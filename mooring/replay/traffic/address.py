"""The address of a scorer: its parsed URL, and the head of every request to it."""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from mooring.errors import ConfigError

PATH = "/v1/predict"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """The address of one scorer."""

    url: str
    """The URL, without a trailing slash."""
    host: str
    port: int
    context: ssl.SSLContext | None
    """The TLS settings; None for http."""
    head: bytes
    """The bytes of a request up to its id."""

    def request(self, name: str, body: bytes) -> bytes:
        """Return one whole request with rows in JSON and the id `name`."""
        return b"%s%s\r\ncontent-length: %d\r\n\r\n%s" % (self.head, name.encode(), len(body), body)


def address_of(url: str) -> Address:
    """Parse a URL. Raises ConfigError when it is not the URL of a scorer."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        ascii_only = url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        host = port = None
        ascii_only = False
    plain = ascii_only and not (parts.query or parts.fragment or parts.username or parts.password)
    if not plain or not host or parts.scheme not in PORTS:
        raise ConfigError(
            "is not the URL of a scorer",
            where=f"--url {url.rpartition('@')[2]}",  # the part before @ may contain a password
            expected="http://HOST:PORT or https://HOST, optionally with a path",
        )
    url = url.rstrip("/")
    head = (
        f"POST {parts.path.rstrip('/')}{PATH} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        "content-type: application/json\r\naccept: application/json\r\nx-request-id: "
    )
    context = ssl.create_default_context() if parts.scheme == "https" else None
    return Address(url, host, port or PORTS[parts.scheme], context, head.encode())
