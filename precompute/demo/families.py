"""Alignments of protein families: what the demo model learns from."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError

GAP = "-"
STOP = "*"
"""Behind the last residue of a row it is the end of translation, and left out."""
LETTERS = "ACDEFGHIKLMNPQRSTVWY"
TOKENS = ("[PAD]", "[MASK]", GAP, "X", *LETTERS)
"""The model's vocabulary: token ids are places in this tuple."""
PADDING, MASK, GAP_TOKEN, UNKNOWN = range(4)
MOST_BYTES = 2 * 1024**3
"""Of an alignment, unpacked; the deepest of Pfam have about a gigabyte."""
MOST_ROWS = 8_000_000
"""Sequences of an alignment, and a tenth of its lines; the deepest of Pfam have four million."""
HELD_OUT = 1 / 20
"""Share of each family's sequences that training never sees."""

NAMES: dict[str, str] = {
    "PF00072": "response regulator receiver domain",
    "PF00550": "phosphopantetheine attachment site",
    "PF00486": "transcriptional regulator, C-terminal domain",
    "PF00076": "RNA recognition motif",
    "PF00226": "DnaJ domain",
    "PF00364": "biotin or lipoyl attachment domain",
    "PF00581": "rhodanese-like domain",
    "PF00691": "OmpA family",
}
"""What Pfam calls the families of the demo model that ships."""

_ALIGNMENT = re.compile(r"(?P<accession>[A-Za-z0-9]+)\.(afa|fasta|fa)(\.gz)?")
_ROW_SIGNS = frozenset(string.ascii_letters + "-.*~")
_IDS = np.full(256, UNKNOWN, dtype=np.uint8)
for _place, _token in enumerate(TOKENS):
    if len(_token) == 1:
        _IDS[ord(_token)] = _place
for _gap in ".~":
    _IDS[ord(_gap)] = GAP_TOKEN


@dataclass(frozen=True, eq=False)
class Family:
    """One alignment.

    Attributes
    ----------
    accession
        Such as ``PF00072``.
    names
        Name of each sequence.
    rows
        Token ids, shape (sequences, columns); `GAP_TOKEN` where a sequence has no residue.
    """

    accession: str
    names: tuple[str, ...]
    rows: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> int:
        """Columns of the alignment."""
        return int(self.rows.shape[1])


def list_alignments(folder: Path) -> dict[str, Path]:
    """Find the alignments of a folder by accession.

    Raises
    ------
    AtlasError
        When there is no such folder, or no alignment in it.
    """
    if not folder.is_dir():
        raise AtlasError(f"There is no folder {folder}; name one that holds alignments (.afa.gz).")
    found = {}
    for path in sorted(folder.iterdir()):
        match = _ALIGNMENT.fullmatch(path.name)
        if match and path.is_file():
            found[match["accession"]] = path
    if not found:
        raise AtlasError(
            f"{folder} holds no alignment; put aligned FASTA there, named like PF00072.afa.gz."
        )
    return found


def read_family(path: Path) -> Family:
    """Read one alignment in aligned FASTA, gzipped or not.

    Raises
    ------
    AtlasError
        When the file is damaged, is no FASTA, its rows differ in length, or one has a stop (*)
        before its last residue.
    """
    # The data sets import this module for one of them.
    from precompute.datasets.sequence_text import is_pir, split_fasta
    from precompute.datasets.text import decode, unpack

    accession = path.name.split(".")[0]
    try:
        text = decode(unpack(path.read_bytes(), str(path), MOST_BYTES))
    except OSError as error:
        raise AtlasError(f"{path} cannot be read: take it anew.") from error
    if text.count(">") > MOST_ROWS or text.count("\n") > 10 * MOST_ROWS:
        raise AtlasError(
            f"{path} has more than {MOST_ROWS:,} sequences or ten times as many lines, which is "
            "not read; give fewer."
        )
    names: list[str] = []
    rows: list[str] = []
    for header, lines in split_fasta(text.split("\n")):
        if is_pir(header):
            raise AtlasError(f"{path} is PIR, where a title follows each name: give aligned FASTA.")
        names.append(header.split()[0] if header.split() else f"{accession}_{len(names) + 1}")
        rows.append("".join("".join(lines).split()))
    if not rows or not text.lstrip().startswith((">", ";")):
        raise AtlasError(f"{path} is no FASTA: its first line does not begin with “>”.")
    other = sorted(set("".join(rows)) - _ROW_SIGNS)
    if other:
        raise AtlasError(f"{path} has {other[0]!r} in a row, which is neither a residue nor a gap.")
    lengths = {len(row) for row in rows}
    if len(lengths) > 1 or lengths == {0}:
        raise AtlasError(
            f"{path} is not an alignment: its rows have {min(lengths)} to {max(lengths)} columns."
        )
    raw = np.frombuffer("".join(rows).upper().encode("ascii", "replace"), dtype=np.uint8)
    signs = raw.reshape(len(rows), -1)
    ids = _IDS[signs]
    stopped = np.flatnonzero((signs == ord(STOP)).any(1))
    for row in stopped:
        stops = signs[row] == ord(STOP)
        residues = np.flatnonzero((ids[row] != GAP_TOKEN) & ~stops)
        if len(residues) and stops[: residues[-1]].any():
            raise AtlasError(
                f"{path} has {STOP!r} within {names[row][:40]}: that is a stop in the middle; "
                "leave the row out, or write a gap or X there."
            )
        ids[row, stops] = GAP_TOKEN
    return Family(accession, tuple(names), ids)


def deepest(folder: Path, most: int) -> list[Family]:
    """Read the families of a folder with most sequences, the deepest first."""
    families = [read_family(path) for path in list_alignments(folder).values()]
    return sorted(families, key=lambda family: (-len(family), family.accession))[:most]


def weigh_sequences(rows: NDArray[np.uint8], identity: float = 0.8) -> NDArray[np.float64]:
    """Weigh each sequence by one over the number of its near copies, itself included.

    Parameters
    ----------
    rows
        Token ids, shape (sequences, columns).
    identity
        Two sequences are near copies when at least this share of all columns is equal
        (gaps count as a letter, as in direct coupling analysis: Morcos et al., PNAS 2011).

    Returns
    -------
    numpy.ndarray
        Weights in (0, 1], shape (sequences,).
    """
    import torch

    hot = torch.nn.functional.one_hot(torch.from_numpy(rows.astype(np.int64)), len(TOKENS))
    flat = hot.reshape(len(rows), -1).float()
    # Counts of equal columns are small integers: exact in float32.
    least = float(np.ceil(identity * rows.shape[1] - 1e-9))
    copies = torch.cat([(block @ flat.T >= least).sum(1) for block in torch.split(flat, 1024)])
    return 1.0 / copies.numpy()


def hold_out(family: Family, seed: int) -> NDArray[np.bool_]:
    """Choose the twentieth of a family that training never sees.

    Returns
    -------
    numpy.ndarray
        True for held-out sequences, shape (sequences,). Depends on the accession, the
        number of sequences and the seed alone.
    """
    generator = np.random.default_rng([seed, *family.accession.encode()])
    chosen = generator.permutation(len(family))[: max(1, round(len(family) * HELD_OUT))]
    mask = np.zeros(len(family), dtype=bool)
    mask[chosen] = True
    return mask


def offsets(families: Sequence[Family]) -> dict[str, int]:
    """Give each family its first position: families lie behind one another."""
    starts, place = {}, 0
    for family in families:
        starts[family.accession] = place
        place += family.columns
    return starts
