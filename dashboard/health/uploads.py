"""Bounds on what visitors upload, in sum: Streamlit bounds each file alone.

Streamlit takes a file for any session and any page, whether it has an uploader or not, and
keeps it for as long as the session. Here a session keeps its newest files, up to the size of
the largest that one may have, and all together a number of such files.
"""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from precompute.live.settings import largest_file, most_kept

_ROUTE = "/_stcore/upload_file/"
_AROUND = 1024**2
"""Bytes of a request beside its file, at most."""


class Uploads:
    """ASGI middleware that refuses or makes room before a file is received.

    Parameters
    ----------
    app
        What comes after it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what fits."""
        if scope["type"] != "http" or scope["method"] != "PUT" or _ROUTE not in scope["path"]:
            await self.app(scope, receive, send)
            return
        session = scope["path"].split("/")[-2]
        said = dict(scope["headers"]).get(b"content-length", b"")
        size = int(said) if said.isdigit() and len(said) < 16 else 0
        refusal = self._refuse(session, size)
        if refusal is not None:
            await PlainTextResponse(refusal.phrase, refusal)(scope, receive, send)
            return
        self._coming[session] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming[session] -= size
            self._coming += Counter()  # without what has come

    def _refuse(self, session: str, size: int) -> HTTPStatus | None:
        """Tell why not to receive a file; None where there is room, which may be made."""
        most = largest_file() * 1024**2
        if not size:
            return HTTPStatus.LENGTH_REQUIRED
        if self._coming[session] + size > most + _AROUND:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        runtime = get_instance()
        files = runtime.uploaded_file_mgr
        if not isinstance(files, MemoryUploadedFileManager):
            return None  # another way of keeping them has bounds of its own
        for name in list(files.file_storage.get(session, {})):
            # The page keeps what it has read: Streamlit's copy of an older file can go.
            if _bytes(files, session) + self._coming[session] + size <= most + _AROUND:
                break
            files.remove_file(session, name)
        for other in list(files.file_storage):
            if not runtime.is_active_session(other):
                files.remove_session_files(other)
        held = sum(_bytes(files, other) for other in list(files.file_storage))
        if held + self._coming.total() + size > most_kept() + _AROUND:
            return HTTPStatus.SERVICE_UNAVAILABLE
        return None


def _bytes(files: MemoryUploadedFileManager, session: str) -> int:
    return sum(len(file.data) for file in files.file_storage.get(session, {}).values())
