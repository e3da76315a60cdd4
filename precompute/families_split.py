"""A split by sequence family: what is learnt on some proteins is scored on no relative of theirs.

Two proteins are relatives when, aligned, they have 30 % of their residues in common over four
fifths of the shorter one; a family is all that are joined so, one by one. MMseqs2 finds them
where it is installed (``mmseqs``), else shared words of three residues say which pairs are
aligned. Both miss distant relatives, and a split says which of them made it. A few that are learnt
from (`draw_families`) are aligned with all others besides, and so miss none.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError

IDENTITY = 0.3
"""Share of aligned residues that relatives have in common."""
COVERAGE = 0.8
"""Share of the shorter sequence that is aligned."""

_PROGRAM = "mmseqs"
_WORD = 3
_EXCESS = 1.0
"""Standard deviations by which relatives share more words than two sequences by chance.

Over the 391 sequences of 240 entries this aligns 9 % of the pairs and leaves 257 families, where
aligning all leaves 252 and MMseqs2 14 finds 261."""
_LEAST_SCORE = 40
"""Of an alignment in BLOSUM62's units, so that two short peptides are no relatives by chance."""
_LEAST_RESIDUES = 20
_WITH_NAMES = str.maketrans("UO", "CK")
"""BLOSUM62 has no U and no O."""
_ROWS = 256
"""Sequences whose words are compared with all others' at once."""


@dataclass(frozen=True, eq=False)
class Families:
    """Which family each of some sequences is of.

    Attributes
    ----------
    labels
        Number of each sequence's family, from 0 in the order of their first sequences; shape
        (sequences,).
    method
        How they were found, in words.
    """

    labels: NDArray[np.int64]
    method: str

    @property
    def count(self) -> int:
        """How many families there are."""
        return int(self.labels.max(initial=-1)) + 1


def find_families(sequences: Sequence[str]) -> Families:
    """Put sequences into families: connected components of relatives.

    Parameters
    ----------
    sequences
        Residue letters; equal ones are of one family.

    Raises
    ------
    AtlasError
        When the program fails.
    """
    distinct = list(dict.fromkeys(sequences))
    place = {sequence: number for number, sequence in enumerate(distinct)}
    if any(map(_is_read, distinct)) and shutil.which(_PROGRAM) is not None:
        parents, program = _by_program(distinct)
    else:
        parents = _by_words(distinct)
        program = f"shared words of {_WORD} residues, then alignment, without MMseqs2"
    _, labels = np.unique([parents[place[one]] for one in sequences], return_inverse=True)
    said = f"at least {IDENTITY:.0%} identity over {COVERAGE:.0%} of the shorter sequence"
    return Families(labels.astype(np.int64), f"{said}, by {program}")


def draw_families(
    families: Families, sequences: Sequence[str], count: int, seed: int
) -> tuple[list[int], list[int]]:
    """Draw families by a seed: one protein of each is learnt from, and none of them is scored.

    Nor is a family of which one aligns as a relative with a protein learnt from. What is drawn
    depends on seed and sequences, not on their order, and a smaller draw is part of a larger.

    Parameters
    ----------
    families, sequences
        Those of `find_families`.
    count
        Families to draw.
    seed
        Of the draw.

    Returns
    -------
    tuple of list of int
        Places of the proteins learnt from, in the order drawn, and of those of other families,
        in their own. Relatives of the first are in neither.

    Raises
    ------
    AtlasError
        When no family would be left to score.
    """
    if families.count <= count:
        raise AtlasError(
            f"These {len(sequences)} proteins are of {families.count} "
            f"famil{'y' if families.count == 1 else 'ies'} ({families.method}): {count} are learnt "
            "from and others scored, so give more proteins."
        )
    drawn: dict[int, int] = {}
    for place in sorted(range(len(sequences)), key=lambda place: _rank(seed, sequences[place])):
        if len(drawn) == count:
            break
        drawn.setdefault(int(families.labels[place]), place)
    learnt = list(drawn.values())
    related = _related(families, sequences, learnt)
    others = [place for place, label in enumerate(families.labels) if int(label) not in related]
    if not others:
        raise AtlasError(
            f"These {len(sequences)} proteins are all relatives of the {count} that are learnt "
            "from, and others are scored: give proteins of more families."
        )
    return learnt, others


def _related(families: Families, sequences: Sequence[str], learnt: Sequence[int]) -> set[int]:
    """Name the families of some proteins, and those of which one is their relative all the same."""
    aligner = _aligner()
    texts = [sequence.translate(_WITH_NAMES) for sequence in sequences]
    found = {int(families.labels[place]) for place in learnt}
    for place, label in enumerate(families.labels.tolist()):
        if label not in found and any(
            _are_relatives(texts[one], texts[place], aligner) for one in learnt
        ):
            found.add(label)
    return found


def _rank(seed: int, sequence: str) -> bytes:
    return hashlib.sha256(f"{seed}:{sequence}".encode()).digest()


def _by_program(sequences: Sequence[str]) -> tuple[list[int], str]:
    """Let MMseqs2 join sequences; give each one's representative and the program's name."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.fasta", Path(folder) / "found"
        table = Path(folder) / "found_cluster.tsv"
        read = [(number, one) for number, one in enumerate(sequences) if _is_read(one)]
        given.write_text("".join(f">{number}\n{one}\n" for number, one in read))
        command = [
            *(_PROGRAM, "easy-cluster", str(given), str(found), str(Path(folder) / "kept")),
            *("--min-seq-id", str(IDENTITY), "-c", str(COVERAGE), "--cov-mode", "1"),
            *("--cluster-mode", "1", "-v", "1"),  # connected components, as the words find them
        ]
        try:
            version = subprocess.run(
                [_PROGRAM, "version"], check=True, capture_output=True, text=True, timeout=60
            )
            subprocess.run(command, check=True, capture_output=True)
            rows = [line.split("\t") for line in table.read_text().splitlines()]
            parents = list(range(len(sequences)))  # what it does not read is a family of its own
            for representative, member in rows:
                parents[int(member)] = int(representative)
        except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
            raise AtlasError(
                f"mmseqs failed ({error}): see that it runs, or take it out of the path."
            ) from error
    return parents, f"MMseqs2 {version.stdout.strip()}"


def _is_read(sequence: str) -> bool:
    """Tell whether MMseqs2 finds words in a sequence; where it finds none at all, it fails."""
    return len(sequence) - sequence.count("X") >= _LEAST_RESIDUES


def _by_words(sequences: Sequence[str]) -> list[int]:
    """Join sequences that align well, of pairs that share words; give each one's representative."""
    aligner = _aligner()
    texts = [sequence.translate(_WITH_NAMES) for sequence in sequences]
    parents = list(range(len(texts)))

    def root(one: int) -> int:
        while parents[one] != one:
            parents[one] = parents[parents[one]]
            one = parents[one]
        return one

    for one, other in _pairs_with_words(texts):
        first, second = sorted((root(one), root(other)))
        if first != second and _are_relatives(texts[one], texts[other], aligner):
            parents[second] = first
    return [root(one) for one in range(len(texts))]


def _aligner() -> Any:
    from Bio.Align import PairwiseAligner, substitution_matrices

    return PairwiseAligner(  # type: ignore[no-untyped-call]
        mode="local",
        substitution_matrix=substitution_matrices.load("BLOSUM62"),  # type: ignore[no-untyped-call]
        open_gap_score=-11,
        extend_gap_score=-1,
    )


def _are_relatives(one: str, other: str, aligner: Any) -> bool:
    """Tell whether two sequences' best local alignment is long and alike enough."""
    if aligner.score(one, other) < _LEAST_SCORE:
        return False
    counts = next(iter(aligner.align(one, other))).counts()
    aligned = counts.identities + counts.mismatches
    long = aligned >= COVERAGE * min(len(one), len(other))
    return bool(long and counts.identities >= IDENTITY * aligned)


def _pairs_with_words(sequences: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give the pairs that share more words than by chance, the earlier sequence second.

    By chance two sequences of n and m words share n m Σ f² of them, f being how often a word
    is among all words; the standard deviation of such a count is its root.
    """
    from scipy.sparse import csr_matrix

    own = [_words(sequence) for sequence in sequences]
    counts = np.array([len(words) for words in own], dtype=np.int64)
    every = np.concatenate([*own, np.empty(0, dtype=np.int64)])
    if not len(every):
        return
    rows = np.repeat(np.arange(len(own)), counts)
    _, columns, number = np.unique(every, return_inverse=True, return_counts=True)
    ones = np.ones(len(rows), dtype=np.float32)
    table = csr_matrix((ones, (rows, columns)), shape=(len(own), len(number)))
    chance = float((number.astype(float) ** 2).sum()) / len(every) ** 2
    for start in range(0, len(own), _ROWS):
        shared = (table[start : start + _ROWS] @ table.T).toarray()
        expected = chance * counts[start : start + _ROWS, None] * counts
        likely = shared - expected >= _EXCESS * np.sqrt(expected + 1)
        for row, other in np.argwhere(likely & (shared > 0)):
            if other < start + row:
                yield start + int(row), int(other)


def _words(sequence: str) -> NDArray[np.int64]:
    """Give a number for each distinct word of a sequence, unknown residues left out."""
    letters = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8).astype(np.int64)
    if len(letters) < _WORD:
        return np.empty(0, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(letters, _WORD)
    known = windows[(windows != ord("X")).all(axis=1)]
    return np.unique(known @ (256 ** np.arange(_WORD)))
