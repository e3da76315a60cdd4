"""A real S3 server (moto's) on this machine, which can go and come back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
import s3fs
from moto.moto_server.threaded_moto_server import ThreadedMotoServer


class Store:
    """One server with one bucket, which it keeps while it is gone.

    Attributes
    ----------
    url
        The bucket's.
    """

    def __init__(self, patch: pytest.MonkeyPatch, bucket: str) -> None:
        self.url = f"s3://{bucket}"
        self._port = 0
        self._server: ThreadedMotoServer | None = None
        self.come()
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{self._port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "reader")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3fs.S3FileSystem.clear_instance_cache()  # of another test's store
        boto3.client("s3").create_bucket(Bucket=bucket)

    def come(self) -> None:
        """Start, at the same address as before."""
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def go(self) -> None:
        """Stop answering."""
        if self._server is not None:
            self._server.stop()
            self._server = None


@contextmanager
def store(patch: pytest.MonkeyPatch, bucket: str) -> Iterator[Store]:
    """Start a store with an empty bucket, set up as README says, while the block runs."""
    started = Store(patch, bucket)
    try:
        yield started
    finally:
        started.go()
