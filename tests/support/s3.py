"""A real S3 server on loopback, for as long as a test needs it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import boto3
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "records"


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Yield the environment by which a client finds a server with one empty bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "loopback",
        "AWS_SECRET_ACCESS_KEY": "loopback",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with environment_of(environment), closing(boto3.client("s3")) as client:
            client.create_bucket(Bucket=BUCKET)
        yield environment
    finally:
        server.stop()


@contextmanager
def environment_of(changes: dict[str, str]) -> Iterator[None]:
    """Set some environment variables for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changes.items():
            patch.setenv(name, value)
        yield
