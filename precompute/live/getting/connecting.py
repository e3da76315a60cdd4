"""Connections to services of others: none outlives its question, and none leads elsewhere.

`requests` bounds each silence, not the whole: headers, lines of chunks or ``100 Continue`` that
come one byte at a time could go on for hours. And it reads what comes with a redirect, however
large, before it says that there is one.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from precompute import __version__
from precompute.redirects import obeying_none

if TYPE_CHECKING:
    import requests
    from urllib3.util import Retry


@contextlib.contextmanager
def open_session(retry: Retry, end: float) -> Iterator[requests.Session]:
    """Open a session that obeys no redirect and whose connections all end at a time.

    Parameters
    ----------
    retry
        When it asks again by itself.
    end
        By `time.monotonic`; what is still waited for then breaks.
    """
    from requests.adapters import HTTPAdapter

    watch = _Watch()

    class Adapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:
            pool = super().get_connection_with_tls_context(*given, **named)
            pool.ConnectionCls = watch.connection(pool.ConnectionCls)
            return pool

    timer = threading.Timer(max(end - time.monotonic(), 0), watch.stop)
    timer.daemon = True
    with obeying_none() as session:
        session.headers["User-Agent"] = f"protein-attention-atlas/{__version__}"
        # Sizes are those of the bytes sent, and nothing unpacks on the way.
        session.headers["Accept-Encoding"] = "identity"
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter(max_retries=retry))
        timer.start()
        try:
            yield session
        finally:
            timer.cancel()
            watch.close()


class _Watch:
    """The sockets of one session, so that they can be ended from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._over = False

    def connection(self, kind: Any) -> Any:
        """Give a kind of connection whose sockets are watched from before any handshake."""

        def new(connection: Any) -> Any:
            made = kind._new_conn(connection)
            self._add(made.dup())
            return made

        return type("Watched", (kind,), {"_new_conn": new})

    def _add(self, own: socket.socket) -> None:
        with self._lock:
            self._sockets.append(own)
            over = self._over
        if over:
            self.stop()

    def stop(self) -> None:
        """Break every connection, and those that are made later."""
        with self._lock:
            self._over = True
            for own in self._sockets:
                with contextlib.suppress(OSError):
                    own.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            for own in self._sockets:
                own.close()
            self._sockets.clear()
