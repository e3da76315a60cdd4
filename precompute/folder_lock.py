"""Keep a second run out of a results folder, local or remote, and say who is in there.

On this machine's file systems the system itself holds the lock, which goes with its process. A
remote store has nothing of the kind: there the holder writes a small file anew every few seconds,
and who finds one looks whether it still changes. So a lock that a killed run left is no hindrance,
whatever either machine's clock says.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.tables import open_folder
from precompute.tables.storage import cannot_write, is_local

BEAT = 10.0
"""Seconds between two signs of life of a run that writes to a remote store."""
PATIENCE = 4 * BEAT
"""Seconds without a sign of life after which a run is taken for dead."""


@contextmanager
def locked_folder(folder: str, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Keep a second run out of a results folder while the block runs.

    Parameters
    ----------
    folder
        Results folder: local path or fsspec URL.
    say
        Told when a lock is there that may be a dead run's.

    Raises
    ------
    AtlasError
        When another run is writing there, naming it, or when the folder cannot be written.
    """
    filesystem, root = open_folder(folder)
    remote = _Remote(filesystem, root, folder)
    with _local(Path(root), folder) if is_local(filesystem) else remote.held(say):
        yield


@contextmanager
def _local(root: Path, folder: str) -> Iterator[None]:
    who = root / ".atlas.running"
    lock = FileLock(root / ".atlas.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        named = ""
        with contextlib.suppress(OSError, ValueError):
            named = who.read_text(encoding="utf-8")[:200]
        raise _held(folder, named) from error
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        with contextlib.suppress(OSError):  # it only says who holds the lock
            who.write_text(_who(), encoding="utf-8")
        for left in root.rglob(".*.part"):  # of a killed run: nobody else writes here now
            left.unlink(missing_ok=True)
        yield
    finally:
        who.unlink(missing_ok=True)
        lock.release()


class _Remote:
    """A lock on a store that many machines reach.

    Parameters
    ----------
    filesystem, root
        The store, and the results folder on it.
    folder
        What the user calls it.
    """

    def __init__(self, filesystem: Any, root: str, folder: str) -> None:
        self._filesystem = filesystem
        self._path = f"{root}/.atlas.lock"
        self._folder = folder
        self._mine = {"who": _who(), "token": secrets.token_hex(8)}
        self._over = threading.Event()

    @contextmanager
    def held(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the lock while the block runs."""
        try:
            self._take(say)
        except AtlasError:
            raise
        except Exception as error:  # every store has exceptions of its own
            raise cannot_write(self._path, error) from error
        heart = threading.Thread(target=self._beat, daemon=True)
        heart.start()
        try:
            yield
        finally:
            self._over.set()
            heart.join()
            with contextlib.suppress(Exception):  # it is taken for dead in a minute
                if self._holder().get("token") == self._mine["token"]:
                    self._filesystem.rm_file(self._path)

    def _take(self, say: Callable[[str], None]) -> None:
        try:
            self._filesystem.pipe_file(self._path, self._content(0), mode="create")
        except FileExistsError:
            first = self._holder()
            say(f"Another run was writing to {self._folder}; looking whether it still is.")
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                time.sleep(BEAT / 4)
                now = self._holder()
                if now and now != first:
                    raise _held(self._folder, str(now.get("who", ""))[:200]) from None
            self._filesystem.pipe_file(self._path, self._content(0))
            time.sleep(BEAT / 4)
            now = self._holder()
            if now.get("token") != self._mine["token"]:  # who else waited was quicker
                raise _held(self._folder, str(now.get("who", ""))[:200]) from None

    def _beat(self) -> None:
        beats = 0
        while not self._over.wait(BEAT):
            beats += 1
            with contextlib.suppress(Exception):  # the store may be there again for the next
                self._filesystem.pipe_file(self._path, self._content(beats))

    def _content(self, beats: int) -> bytes:
        return json.dumps(self._mine | {"beats": beats}).encode()

    def _holder(self) -> dict[str, Any]:
        try:
            found = parse_json(self._filesystem.cat_file(self._path))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _who() -> str:
    """Name this process, as another's user would look for it."""
    started = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"process {os.getpid()} of {user} on {socket.gethostname()}, since {started}"


def _held(folder: str, named: str) -> AtlasError:
    by = f" ({' '.join(named.split())})" if named.strip() else ""
    return AtlasError(
        f"Another run is writing to {folder}{by}; wait for it or choose another --out."
    )
