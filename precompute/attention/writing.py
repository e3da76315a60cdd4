"""Write many proteins' attention into one file: in parts, so that it can be taken up again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from precompute.attention.sequences import Sequence as Protein
from precompute.errors import AtlasError
from precompute.tables.storage import cannot_write

if TYPE_CHECKING:
    from precompute.models.adapter import Adapter

PART_BYTES = 512 * 1024**2
"""What a part may have before compression, if it is of more than one protein."""
PART_RESIDUES = 20_000
"""Residues of a part: what an interrupted command loses at most."""


class AttentionFile(Protocol):
    """A kind of file that attention is written to."""

    ending: str

    def most_bytes(self, residues: int) -> int:
        """Give the most that a protein takes, before compression."""

    def write_part(self, path: Path, proteins: Sequence[Protein], adapter: Adapter) -> None:
        """Run the model on some proteins and write a part."""

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """Write the whole file from its parts."""


def split_parts(proteins: Sequence[Protein], kind: AttentionFile) -> list[Sequence[Protein]]:
    """Split proteins, in their order, into parts of bounded size and work."""
    parts: list[Sequence[Protein]] = []
    begun = size = residues = 0
    for place, protein in enumerate(proteins):
        own = kind.most_bytes(len(protein.letters))
        full = size + own > PART_BYTES or residues + len(protein.letters) > PART_RESIDUES
        if place > begun and full:
            parts.append(proteins[begun:place])
            begun, size, residues = place, 0, 0
        size, residues = size + own, residues + len(protein.letters)
    return [*parts, proteins[begun:]] if proteins else parts


def write_attention(
    proteins: Sequence[Protein],
    adapter: Adapter,
    kind: AttentionFile,
    out: Path,
    identity: Mapping[str, str],
    done: Callable[[int, int, int], None],
) -> None:
    """Write the attention of proteins to a file, taking up what an interrupted call left.

    Parts wait in a folder ``OUT.parts`` beside the file, each whole or not at all; the file
    appears when all are there.

    Parameters
    ----------
    proteins
        In the order of the file.
    adapter
        The model, where it is to run.
    kind
        What is written.
    out
        The file.
    identity
        What the parts depend on beside the proteins; parts of another are not taken.
    done
        Told how many proteins are written, in how many bytes, and how many of them were there
        already.

    Raises
    ------
    AtlasError
        When the file is there, parts of another request are, another process writes it, or
        something cannot be read or written.
    """
    if out.exists():
        raise AtlasError(f"{out} is there already: remove it, or give another name with --out.")
    folder = out.with_name(out.name + ".parts")
    whole = {**identity, "proteins": _digest(proteins)}
    with _own_folder(folder, whole):
        paths = []
        written = size = found = 0
        for number, part in enumerate(split_parts(proteins, kind)):
            path = folder / f"{number:06d}{kind.ending}"
            if _is_whole(path):
                found += len(part)
            else:
                partial = path.with_suffix(".partial")
                kind.write_part(partial, part, adapter)
                _seal(path).write_text(_file_digest(partial, path.name), encoding="utf-8")
                _replace(partial, path)
            paths.append(path)
            written, size = written + len(part), size + path.stat().st_size
            done(written, size, found)
        partial = folder / f"whole{kind.ending}"
        kind.join(paths, partial)
        _replace(partial, out)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_folder(folder: Path, identity: Mapping[str, str]) -> Iterator[None]:
    """Make the folder of parts, or open it again where it is of the same request."""
    about = folder / "request.json"
    text = json.dumps(identity, sort_keys=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise AtlasError(f"Another process writes {folder.stem}; wait for it.") from error
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        if about.is_file():
            if about.read_text(encoding="utf-8") != text:
                raise AtlasError(
                    f"{folder} holds parts of another request (other proteins, heads, weights or "
                    "threshold): remove it, or give another name with --out."
                )
        else:
            partial = about.with_suffix(".partial")
            partial.write_text(text, encoding="utf-8")
            _replace(partial, about)
        yield
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        lock.release()


def _seal(part: Path) -> Path:
    return part.with_suffix(".sha256")


def _is_whole(part: Path) -> bool:
    """Tell whether a part is there as it was written, and under its own number."""
    if not (part.is_file() and _seal(part).is_file()):
        return False
    return _seal(part).read_text(encoding="utf-8", errors="replace") == _file_digest(
        part, part.name
    )


def _file_digest(path: Path, name: str) -> str:
    """SHA-256 over a file's name and bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha256(name.encode())).hexdigest()


def _replace(partial: Path, path: Path) -> None:
    """Put a file in its place once its bytes are on the disk."""
    try:
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def _digest(proteins: Sequence[Protein]) -> str:
    digest = hashlib.sha256()
    for protein in proteins:
        digest.update(f"{protein.name}\n{protein.letters}\n".encode())
    return digest.hexdigest()
