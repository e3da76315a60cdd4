"""The files that features wait in, as an interrupted command may have left them."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHECKSUM = np.dtype(np.uint32)
"""Of a chain's rows in all files, 0 while they are not there."""


def are_whole(sizes: dict[Path, int]) -> bool:
    """Tell whether files are there with their sizes: numpy makes a shorter one longer, with 0."""
    return all(path.is_file() and path.stat().st_size == size for path, size in sizes.items())


def claim(path: Path, size: int) -> None:
    """Make a file of zeros that has its room: a mapped one that finds none ends the process."""
    with path.open("wb") as file:
        if size and hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        file.truncate(size)


def sum_up(rows: Mapping[tuple[str, int], NDArray[np.float16]]) -> int:
    """Sum up what stands of a chain in which file, by kind and layer; never 0."""
    found = 0
    for kind, layer in sorted(rows):
        named = zlib.crc32(f"{kind} {layer}".encode(), found)
        found = zlib.crc32(rows[kind, layer].tobytes(), named)
    return found or 1


def note_done(done: NDArray[np.uint32], sums: dict[int, int], files: Any) -> None:
    """Write what is in memory, then that it is there."""
    for file in files:
        if isinstance(file, np.memmap):
            file.flush()
    done[list(sums)] = list(sums.values())
    if isinstance(done, np.memmap):
        done.flush()
    sums.clear()
