"""Read a PDB or mmCIF file into what labels are made of: atoms, residues, protein chains.

Each format has a reader (`pdb_format`, `mmcif_format`) that gives columns; atoms are grouped
in `residues`, which residues belong to a protein chain is decided in `polymer`, and
`structure_building` puts it together.
"""

from __future__ import annotations

import re
from pathlib import Path

from precompute.datasets.mmcif_format import read_mmcif
from precompute.datasets.pdb_format import read_pdb
from precompute.datasets.structure_building import build_model
from precompute.datasets.structure_model import Model
from precompute.datasets.text import clean_text, is_mmcif
from precompute.datasets.text import unpack as unpack_text
from precompute.errors import AtlasError

PDB_SUFFIXES = (".pdb", ".ent")
MMCIF_SUFFIXES = (".cif", ".mmcif")
SUFFIXES = PDB_SUFFIXES + MMCIF_SUFFIXES

_ASSEMBLY = re.compile(r"\.pdb\d{1,3}$")
"""``1abc.pdb1``: a biological assembly as the PDB gives it."""

MAXIMUM_BYTES = 512 * 1024**2
"""Of an unpacked file; the largest entries of the PDB have about 400 MB."""


def structure_suffix(path: Path) -> str | None:
    """Give the suffix that tells a structure's format, ``.gz`` left out; None for other files."""
    name = path.name.lower().removesuffix(".gz")
    if _ASSEMBLY.search(name):
        return PDB_SUFFIXES[0]
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def structure_stem(path: Path) -> str:
    """Give the file's name without ``.gz`` and the format's suffix."""
    name = path.name
    if name.lower().endswith(".gz"):
        name = name[:-3]
    return name[: name.rindex(".")]


def unpack(data: bytes, name: str, most: int | None = None) -> bytes:
    """Undo gzip where the content is gzip, up to a number of bytes.

    Parameters
    ----------
    data
        The file's bytes.
    name
        Its name.
    most
        Bytes of the unpacked file, at most: `MAXIMUM_BYTES` where it is None. No more than
        these are ever in memory.

    Raises
    ------
    AtlasError
        When the data are no whole gzip file, or unpack to more than that.
    """
    return unpack_text(data, name, MAXIMUM_BYTES if most is None else most)


def parse_structure(data: bytes, name: str) -> Model:
    """Read the first model of an unpacked PDB or mmCIF file; the content tells which it is.

    Parameters
    ----------
    data
        The file's bytes.
    name
        Its name, for messages.

    Raises
    ------
    AtlasError
        When the file is damaged or no structure.
    """
    mmcif = _is_mmcif(data)
    try:
        text = clean_text(data, columns=not mmcif)
        sections = read_mmcif(text, name) if mmcif else read_pdb(text, name)
        if not sections:
            raise AtlasError(f"{name} holds no atoms: it is not a structure.")
        return build_model(sections, name)
    except (AtlasError, MemoryError):
        raise
    except Exception as error:  # damaged files raise whatever the parser tripped over
        kind = "mmCIF" if mmcif else "PDB"
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise AtlasError(f"{name} is not a readable {kind} file ({reason}).") from error


def _is_mmcif(data: bytes) -> bool:
    """Tell the format by the content; a file in UTF-16 has to be made text for that."""
    if b"\0" in data[:4096]:
        data = clean_text(data, columns=False)
    return b"_atom_site." in data and is_mmcif(data)
