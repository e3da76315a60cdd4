"""Which files of a folder are alignments, of what, and which structure stands beside each.

Two layouts are common. In one an alignment is called after its protein, and a structure of
the same name lies in the same folder or in another (``a3m/1abc_A.a3m``, ``pdb/1abc_A.pdb``).
In the other the folder is called after the protein, and files in it after the search that
made them (``1abc_A/a3m/bfd_uniclust_hits.a3m``). Structures may be named after the chain or
after their entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from precompute.datasets.structure_file import structure_stem, structure_suffix
from precompute.errors import AtlasError, printable

SUFFIXES = (
    *(".a3m", ".a2m", ".sto", ".stk", ".stockholm"),
    *(".aln", ".clustal", ".clw", ".afa", ".fasta", ".fa"),
)
"""How alignments are named, ``.gz`` left out; of two of one protein the earlier is taken."""

SEARCHES = (
    *("bfd_uniclust_hits", "bfd_uniref_hits", "small_bfd_hits"),
    *("uniclust30", "uniref30_hits", "uniref90_hits", "mgnify_hits"),
)
"""How files are called after searches; of several of one protein the earlier is taken."""


USUAL_FOLDER = "alignments"
"""How the folder of alignments is called in a folder of datasets."""


class Found(NamedTuple):
    """One alignment.

    Attributes
    ----------
    name
        Of the protein.
    file
        The alignment.
    structure
        The structure beside it, or None.
    chain
        The structure's chain that the name says, or an empty text.
    """

    name: str
    file: Path
    structure: Path | None
    chain: str


def find_alignments(path: Path) -> tuple[list[Found], list[Path]]:
    """List the alignments of a folder and the folders in it, by their proteins' names.

    Parameters
    ----------
    path
        A folder, or one alignment, beside which its structure may stand. Of a folder of datasets
        alignments are read in `USUAL_FOLDER` alone, and structures are found in all of it.

    Returns
    -------
    tuple
        One alignment a protein, and files that are of a protein that has another.

    Raises
    ------
    AtlasError
        When there are none.
    """
    if path.is_file():
        files, nearby = [path], _files(path.parent.iterdir(), path.parent)
    elif path.is_dir():
        nearby = _files(path.rglob("*"), path)
        own = _files(alignments_folder(path).rglob("*"), path)
        files = [file for file in own if _suffix(file)]
        # Of two structures of one name the one among the alignments is theirs.
        nearby += own
    else:
        raise AtlasError(f"There is nothing at {path}; name an alignment or a folder of them.")
    if not files:
        raise AtlasError(
            f"{path} holds no alignment: no file ends in {', '.join(SUFFIXES)} (.gz may follow)."
        )
    structures = {structure_stem(file).lower(): file for file in nearby if structure_suffix(file)}
    named: dict[str, list[Path]] = {}
    for file in files:
        named.setdefault(_protein(file), []).append(file)
    found, others = [], []
    for name, own in sorted(named.items()):
        first, *rest = sorted(own, key=_rank)
        found.append(Found(printable(name), first, *_structure_of(name, structures)))
        others += rest
    return found, others


def alignments_folder(path: Path) -> Path:
    """Give the folder that alignments are read in: its own, or `USUAL_FOLDER` where it has none."""
    usual = path / USUAL_FOLDER
    if not usual.is_dir() or any(_suffix(file) for file in _files(path.iterdir(), path)):
        return path
    return usual


def _files(paths: Iterable[Path], root: Path) -> list[Path]:
    """List what is a file and neither hidden nor in a hidden folder."""
    return sorted(
        path
        for path in paths
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _suffix(file: Path) -> str:
    name = file.name.lower().removesuffix(".gz")
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def _stem(file: Path) -> str:
    return without_endings(file.name)


def without_endings(file: str) -> str:
    """Give a file's name without those endings that alignments have, packed or not."""
    name = file[:-3] if file.lower().endswith(".gz") else file
    suffix = _suffix(Path(file))
    return name[: -len(suffix)] if suffix else name


def _protein(file: Path) -> str:
    """Name the protein: after the file, or after its folder where the file is a search's."""
    if _stem(file) not in SEARCHES:
        return _stem(file)
    folder = file.parent
    return folder.parent.name if folder.name == "a3m" else folder.name


def _rank(file: Path) -> tuple[int, int, str]:
    stem = _stem(file)
    search = SEARCHES.index(stem) if stem in SEARCHES else -1
    suffix = _suffix(file)
    return search, SUFFIXES.index(suffix) if suffix else -1, str(file)


def _structure_of(name: str, structures: Mapping[str, Path]) -> tuple[Path | None, str]:
    """Find a structure called like the protein, or like its entry with a chain behind."""
    if (same := structures.get(name.lower())) is not None:
        return same, ""
    parts: Sequence[str] = re.split(r"[_.\-:]", name)
    entry = structures.get(parts[0].lower()) if len(parts) > 1 else None
    return entry, parts[-1] if entry is not None else ""
