"""Where tables stand: a local folder or any store of fsspec's, and how bytes get there whole."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import fsspec

from precompute.errors import AtlasError, is_full
from precompute.tables.table import Table

T = TypeVar("T")

MOST_BYTES = 512 * 1024**2
"""Of a table's file: larger ones are none of ours, and are not read."""

_LONGEST = 200
"""Bytes of a name: file systems take 255, and a file has an ending and a temporary name."""

_OF_PATHS = re.compile(r"""[/\\:?#%*\[\]{}|<>"]""")
"""What parts or ends a name in a path, an address or a pattern."""

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0, 30.0)
"""Seconds between attempts at a store that does not answer: a minute and a half in all."""


class UnreachableError(AtlasError):
    """A store that does not answer; it may do so in a minute."""


def open_folder(folder: str | Path) -> tuple[Any, str]:
    """Resolve a results folder to a file system and a path on it.

    Parameters
    ----------
    folder
        A local path or any fsspec URL (``s3://``, ``hf://``, ``https://``, …).

    Returns
    -------
    tuple
        The fsspec file system and the folder's path on it.

    Raises
    ------
    AtlasError
        When no file system serves the URL's protocol.
    """
    try:
        filesystem, path = fsspec.core.url_to_fs(str(folder))
    except Exception as error:  # every store has exceptions of its own; none may reach a page
        said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise AtlasError(
            f"The results folder {folder} cannot be opened: {said}; "
            "give a local path or a URL such as s3://bucket/folder."
        ) from error
    return filesystem, str(path).rstrip("/")


def table_path(
    folder_path: str, table: Table, run: str | None = None, number: int | None = None
) -> str:
    """Path of a table's file inside a results folder.

    Parameters
    ----------
    folder_path, table
        The folder and the table.
    run, number
        Of tables with one file a run, or one for each of a run's alignments, from 1: which.

    Raises
    ------
    AtlasError
        When the run's name cannot be a file's.
    """
    if table.per_alignment:
        if run is None or number is None:
            raise ValueError(f"{table.name} has one file an alignment: name run and number")
        return f"{folder_path}/{table.name}/{check_name(run)}/{number:06d}.parquet"
    if table.per_run:
        if run is None:
            raise ValueError(f"{table.name} has one file a run: name the run")
        return f"{folder_path}/{table.name}/{check_name(run)}.parquet"
    return f"{folder_path}/{table.name}.parquet"


def check_name(name: str) -> str:
    """Give back a name that becomes part of a path; the one check that all such names pass.

    Raises
    ------
    AtlasError
        When it would lead elsewhere, or is no file's name on some system.
    """
    size = len(name.encode(errors="replace"))
    plain = name.isprintable() and name == name.strip() and not name.startswith((".", "~"))
    if 0 < size <= _LONGEST and plain and not _OF_PATHS.search(name):
        return name
    raise AtlasError(
        f"{name[:40]!r} cannot name a run, since files are named after it: names are at most "
        f"{_LONGEST} bytes long, begin with neither a dot nor ~ and have no sign that paths or "
        "addresses are made of; take the results anew from where they were measured."
    )


def read_bytes(filesystem: Any, path: str) -> bytes:
    """Read a table's file, all of it at once: what is replaced meanwhile is not mixed up.

    Raises
    ------
    AtlasError
        When it is not there, is too large or cannot be read.
    """
    try:
        with filesystem.open(path, "rb") as file:
            data: bytes = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        if (reason := _behind(error)) is not None:
            raise _refusal(f"{path} cannot be read", reason, "") from error
        raise AtlasError(
            f"{path} does not exist; name a results folder written by `python -m precompute run`."
        ) from error
    except Exception as error:  # every store has exceptions of its own; none may reach a page
        raise _refusal(f"{path} cannot be read", error, "") from error
    if len(data) > MOST_BYTES:
        raise AtlasError(
            f"{path} has more than {MOST_BYTES // 1024**2} MB, which no table has; name another."
        )
    return data


def exists(filesystem: Any, path: str) -> bool:
    """Tell whether a file is there.

    Raises
    ------
    AtlasError
        When its store cannot be asked.
    """
    try:
        if "http" in filesystem.protocol:  # of whose file system nothing exists that fails
            filesystem.info(path)
            return True
        return bool(filesystem.exists(path))
    except FileNotFoundError as error:
        # Of what is not there some stores say 403, where nobody may list them.
        if (reason := _behind(error)) is not None and _does_not_answer(reason):
            raise _refusal(f"{path} cannot be read", reason, "") from error
        return False
    except Exception as error:  # as for reading
        raise _refusal(f"{path} cannot be read", error, "") from error


def write_bytes(filesystem: Any, path: str, data: bytes) -> None:
    """Put bytes at a path, atomically; see `write_table`.

    Raises
    ------
    AtlasError
        When the path cannot be written: no permission, no room, no such store.
    """
    try:
        if is_local(filesystem):
            _replace(Path(path), data)
        else:
            filesystem.pipe_file(path, data)
    except Exception as error:  # as for reading
        raise cannot_write(path, error) from error


def cannot_write(path: str | Path, error: Exception) -> AtlasError:
    """Say why a path cannot be written, and what to do."""
    if isinstance(error, OSError) and is_full(error):
        return AtlasError(
            f"{path} cannot be written ({error.strerror}): the disk is full; make room there or "
            "choose another folder, and give the same command again."
        )
    return _refusal(
        f"{path} cannot be written", error, "choose a folder you may write to with room for tables"
    )


def patiently(action: Callable[[], T]) -> T:
    """Do something with a remote store, again after a pause while it does not answer."""
    for pause in PAUSES:
        try:
            return action()
        except UnreachableError:
            time.sleep(pause)
    return action()


def is_local(filesystem: Any) -> bool:
    """Tell whether a file system is this machine's own."""
    protocol = filesystem.protocol
    names = (protocol,) if isinstance(protocol, str) else tuple(protocol)
    return "file" in names or "local" in names


def part_of(target: Path) -> Path:
    """Name a file beside a target that nobody else writes, to be put in its place when whole."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")


def _replace(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = part_of(target)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _refusal(what: str, error: Exception, advice: str) -> AtlasError:
    said = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    if status := getattr(error, "status", None):
        said = f"status {status}"
    reason = str(said).splitlines()[0].rstrip(".")
    if _does_not_answer(error):
        return UnreachableError(f"{what}: its store does not answer ({reason}); try again later.")
    return AtlasError(f"{what} ({reason}); {advice}." if advice else f"{what}: {reason}.")


def _behind(error: FileNotFoundError) -> Exception | None:
    """Give what fsspec's HTTP calls a missing file though the server did not say so."""
    cause = error.__cause__
    told = getattr(cause, "status", None) in (404, 410)
    fails = type(cause).__module__.startswith("aiohttp") and not told
    return cause if fails and isinstance(cause, Exception) else None


def _does_not_answer(error: Exception) -> bool:
    """Tell a store that is not there now; libraries have exceptions of their own of one name."""
    if getattr(error, "status", None) in (429, 500, 502, 503, 504):
        return True
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(
        names & {"ConnectionError", "TimeoutError", "HTTPClientError", "ClientConnectionError"}
    )
