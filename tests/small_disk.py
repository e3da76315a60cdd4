"""Real small and read-only file systems, where this process may mount them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


class SmallDisk:
    """A file system in memory of some size."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        folder.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))

    def make_room(self) -> None:
        """Let it grow, as a user deletes something else."""
        _mount("-o", "remount,size=256m", str(self.folder))

    def forbid_writing(self) -> None:
        """Make it read-only, as a system does with a disk that fails."""
        _mount("-o", "remount,ro", str(self.folder))

    def allow_writing(self) -> None:
        """Make it writable again."""
        _mount("-o", "remount,rw", str(self.folder))


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """Mount a small file system while the block runs."""
    disk = SmallDisk(folder, size)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
