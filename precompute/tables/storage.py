"""Where tables stand: a local folder or any store of fsspec's, and how bytes get there whole."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

import fsspec

from precompute.errors import AtlasError
from precompute.tables.table import Table


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
    except (ValueError, ImportError) as error:
        raise AtlasError(
            f"The results folder {folder} cannot be opened: {error}; "
            "give a local path or a URL such as s3://bucket/folder."
        ) from error
    return filesystem, str(path).rstrip("/")


def table_path(folder_path: str, table: Table, run: str | None = None) -> str:
    """Path of a table's file inside a results folder."""
    if table.per_run:
        if run is None:
            raise ValueError(f"{table.name} has one file a run: name the run")
        return f"{folder_path}/{table.name}/{run}.parquet"
    return f"{folder_path}/{table.name}.parquet"


def write_bytes(filesystem: Any, path: str, data: bytes) -> None:
    """Put bytes at a path, atomically; see `write_table`.

    Raises
    ------
    AtlasError
        When the path cannot be written: no permission, no room, no such store.
    """
    folder = path.rsplit("/", 1)[0]
    try:
        if not is_local(filesystem):
            filesystem.pipe_file(path, data)
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        temporary = Path(folder) / f".{Path(path).name}.{secrets.token_hex(4)}.part"
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise AtlasError(
            f"{path} cannot be written ({reason}); choose a folder you may write to "
            "with room for the tables."
        ) from error


def is_local(filesystem: Any) -> bool:
    """Tell whether a file system is this machine's own."""
    protocol = filesystem.protocol
    names = (protocol,) if isinstance(protocol, str) else tuple(protocol)
    return "file" in names or "local" in names
