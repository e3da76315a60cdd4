"""Alignments of protein families, each with its query, and with a structure where there is one.

What is counted is of the query, the first row. Labels are those of the structure's chain,
laid on the query's residues; of residues that the structure lacks nothing is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.chain import Chain
from precompute.datasets.alignment_files import Found, alignments_folder, find_alignments
from precompute.datasets.alignment_text import read_alignment
from precompute.datasets.chains import Chains
from precompute.datasets.structures import StructureChains, list_names
from precompute.errors import AtlasError, printable

MOST_COLUMNS = 1023
"""Columns that the MSA Transformer has positions for, beside its special token."""
_SMALLEST_AGREEMENT = 0.9
"""Share of the aligned residues that are equal in one protein."""
_SMALLEST_PART = 0.5
"""Of the shorter sequence that is aligned."""
_KEPT = 4
"""Structures whose chains are kept once read."""


class _Read(NamedTuple):
    chain: Chain
    left_out: int
    problem: str


class AlignmentChains(Chains):
    """The query of every alignment in a folder, with the alignment.

    A chain is called after its alignment; see `precompute.datasets.alignment_files`. Columns in
    which the query has a gap stay in the alignment, as they stand there.

    Parameters
    ----------
    path
        A folder, or one alignment.

    Attributes
    ----------
    properties
        Those of structures where there is any, else none.

    Raises
    ------
    AtlasError
        When there is no alignment that can be used.
    """

    def __init__(self, path: Path) -> None:
        self._root = path
        self._own = alignments_folder(path) if path.is_dir() else path
        self._structure = lru_cache(_KEPT)(StructureChains)
        self.skipped: dict[str, int] = {}
        self.skipped_files: dict[str, str] = {}
        self.remarks: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.properties: tuple[str, ...] | None = ()
        self._found: list[Found] = []
        self._sha256 = ""
        self._list()

    def _list(self) -> None:
        found, others = find_alignments(self._root)
        digest = hashlib.sha256()
        alone, gaps, moved, bare, wrong, signs = [], [], [], [], [], 0
        orders: dict[str, str] = {}
        for one in found:
            for file in (one.file, one.structure):
                data = file.read_bytes() if file else b""
                digest.update(f"{file and self._name(file)}\0{len(data)}\0".encode())
                digest.update(data)
            try:
                chain, left_out, problem = self._read(one)
            except AtlasError as error:
                self.skipped_files[self._name(one.file)] = str(error)
                continue
            self._found.append(one)
            family = chain.alignment
            assert family is not None
            signs += left_out
            alone += [one.name] if len(family) == 1 else []
            gaps += [one.name] if family.columns > len(chain) else []
            content, order = family.digest(ordered=False), family.digest()
            moved += [one.name] if orders.setdefault(content, order) != order else []
            wrong += [problem] if problem else []
            if chain.labelled is not None and chain.labelled.any():
                self.properties = None
                assert one.structure is not None
                self.notes = dict(self._structure(one.structure).notes)
            else:
                bare.append(one.name)
        if not self._found:
            first = next(iter(self.skipped_files.values()))
            many = f"None of the {len(found)} alignments in {self._root} can be used: "
            raise AtlasError(many + first if len(found) > 1 else first)
        if self.skipped_files:
            self.skipped["alignments that could not be used"] = len(self.skipped_files)
        if signs:
            self.skipped["rows with signs that are neither residues nor gaps"] = signs
        remarks = {
            "of one row, from which the MSA Transformer gives no contacts": list_names(alone),
            "with gaps in the query, whose columns are read and count for no residue": list_names(
                gaps
            ),
            "with the rows of another in another order, which changes the maps": list_names(moved),
            "without a structure": list_names(bare) if self.properties is None else "",
            "structures that are not used": list_names(wrong),
            "alignments of proteins that have another": list_names(
                [self._name(file) for file in others]
            ),
        }
        self.remarks = {what: names for what, names in remarks.items() if names}
        self._sha256 = digest.hexdigest()

    def _name(self, file: Path) -> str:
        if not self._root.is_dir():
            return printable(file.name)
        root = self._own if file.is_relative_to(self._own) else self._root
        return printable(file.relative_to(root).as_posix())

    def _read(self, one: Found) -> _Read:
        name = self._name(one.file)
        alignment, left_out = read_alignment(one.file, name)
        refuse_wide(alignment, name)
        bare = unlabelled(one.name, alignment)
        if one.structure is None:
            return _Read(bare, left_out, "")
        try:
            structure = self._structure(one.structure)
            chains = [structure[number] for number in range(len(structure))]
        except AtlasError as error:
            return _Read(bare, left_out, str(error))
        named = [c for c in chains if c.identifier.rpartition(".")[2] == one.chain]
        labelled = label_query(bare, named or chains)
        if labelled is None:
            of = f"{self._name(one.structure)} is of another protein than the query of {name}"
            return _Read(bare, left_out, of)
        return _Read(labelled, left_out, "")

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, number: int) -> Chain:
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._read(self._found[number]).chain

    def sha256(self) -> str:
        """SHA-256 over names and bytes of alignments and structures, in order."""
        return self._sha256

    def close(self) -> None:
        """Forget what was read."""
        self._structure.cache_clear()


def refuse_wide(alignment: Alignment, name: str) -> None:
    """Refuse an alignment of more columns than are read.

    Raises
    ------
    AtlasError
        Saying how many there may be.
    """
    if alignment.columns > MOST_COLUMNS:
        raise AtlasError(
            f"{name} has {alignment.columns:,} columns, and at most {MOST_COLUMNS:,} are read: "
            "cut it to a domain, or take out the columns in which the query has a gap."
        )


def unlabelled(name: str, alignment: Alignment) -> Chain:
    """Make the query a chain of whose structure nothing is known."""
    residues = len(alignment.query)
    nothing = np.zeros(residues, dtype=bool)
    return Chain(
        name,
        alignment.query,
        alpha_carbons=np.zeros((residues, 3)),
        beta_carbons=np.full((residues, 3), np.nan),
        resolved=nothing,
        secondary_structure=np.full(residues, -1, dtype=np.int8),
        dssp=np.full(residues, -1, dtype=np.int8),
        numbers=("",) * residues,
        binding_site=nothing,
        modification=nothing,
        labelled=nothing,
        alignment=alignment,
    )


def label_query(query: Chain, chains: Sequence[Chain]) -> Chain | None:
    """Lay the labels of a structure's chain on a query.

    Parameters
    ----------
    query
        Of `unlabelled`.
    chains
        Those that it may be; the one that agrees with most of its residues is taken, of equal
        ones the first. What is not known of it (C-beta atoms, eight classes, numbers) is not of
        the query.

    Returns
    -------
    Chain or None
        None where every chain is of another protein.
    """
    best: tuple[int, Chain, NDArray[np.int64]] | None = None
    for chain in chains:
        places = map_query(query.sequence, chain.sequence)
        if places is None:
            continue
        agreeing = sum(
            place >= 0 and chain.sequence[place] == letter
            for place, letter in zip(places.tolist(), query.sequence, strict=True)
        )
        if best is None or agreeing > best[0]:
            best = agreeing, chain, places
    if best is None:
        return None
    _, chain, places = best
    known = places >= 0

    def laid(name: str) -> NDArray[np.bool_]:
        labels: NDArray[np.bool_] | None = getattr(chain, name)
        assert labels is not None
        return known & labels[places]

    resolved = laid("resolved")
    assert chain.alpha_carbons is not None
    assert chain.secondary_structure is not None
    betas, eight, numbers = chain.beta_carbons, chain.dssp, chain.numbers
    return replace(
        query,
        alpha_carbons=np.where(resolved[:, None], chain.alpha_carbons[places], 0.0),
        resolved=resolved,
        beta_carbons=None if betas is None else np.where(known[:, None], betas[places], np.nan),
        secondary_structure=np.where(known, chain.secondary_structure[places], -1).astype(np.int8),
        dssp=None if eight is None else np.where(known, eight[places], -1).astype(np.int8),
        numbers=None
        if numbers is None
        else tuple(numbers[place] if place >= 0 else "" for place in places.tolist()),
        binding_site=laid("binding_site"),
        modification=laid("modification"),
        labelled=known,
    )


def map_query(query: str, chain: str) -> NDArray[np.int64] | None:
    """Find each residue of a query in a chain, by a local alignment.

    Either may be longer than the other, as in a domain's alignment or a construct with a tag,
    and some residues may differ, as in a mutant.

    Returns
    -------
    numpy.ndarray or None
        Place in the chain, from 0, or −1; shape (residues,). None where they are of different
        proteins: less than 90 % of what is aligned are equal residues, or it is less than half
        of the shorter one.
    """
    from Bio.Align import PairwiseAligner

    make: Any = PairwiseAligner
    aligner = make(mode="local", match_score=5, mismatch_score=-4)
    # A loop that the chain lacks costs little more than a single residue.
    aligner.open_gap_score, aligner.extend_gap_score = -10, -0.1
    places = np.full(len(query), -1, dtype=np.int64)
    if aligner.score(query, chain) <= 0:
        return None
    for (first, end), (start, _) in zip(*aligner.align(query, chain)[0].aligned, strict=True):
        places[first:end] = np.arange(start, start + end - first)
    known = np.flatnonzero(places >= 0)
    agreeing = sum(query[own] == chain[places[own]] for own in known)
    enough = len(known) >= _SMALLEST_PART * min(len(query), len(chain))
    return places if enough and agreeing >= _SMALLEST_AGREEMENT * len(known) else None
