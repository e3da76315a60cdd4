"""The authors' numbers of residues that were not resolved, where a file gives them.

Resolved residues bear their numbers with their atoms. The others are named in mmCIF's
``_pdbx_poly_seq_scheme`` and in the PDB format's REMARK 465; without either, a gap in the
chain has its numbers when exactly as many are free as residues are missing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gemmi

_MISSING = re.compile(r"REMARK 465 (?:\s*\d+)?\s+([A-Z0-9]{1,3}) (\S)\s+(-?\d+)([A-Za-z]?)\s*$")


def read_scheme(block: gemmi.cif.Block) -> dict[tuple[str, int], str]:
    """Read the numbers of all residues from ``_pdbx_poly_seq_scheme``."""
    numbers = {}
    columns = ["asym_id", "seq_id", "pdb_seq_num", "?pdb_ins_code"]
    for row in block.find("_pdbx_poly_seq_scheme.", columns):
        place, number = row.str(1), row.str(2)
        insertion = row.str(3) if row.has(3) else ""
        if place.isdecimal() and re.fullmatch(r"-?\d+", number):
            numbers[row.str(0), int(place)] = number + (insertion if insertion.isalpha() else "")
    return numbers


def read_missing(remarks: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Read the residues without coordinates from the lines of REMARK 465, those of one model."""
    found: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for line in remarks:
        match = _MISSING.match(line)
        if match:
            component, chain, number, insertion = match.groups()
            found[chain][component, number + insertion] = None
    return {chain: list(entries) for chain, entries in found.items()}


def complete_numbers(
    components: Sequence[str], numbers: Sequence[str], missing: Sequence[tuple[str, str]]
) -> tuple[str, ...]:
    """Give unresolved residues of one chain their numbers, where these are certain.

    Parameters
    ----------
    components
        Component names of all residues in order.
    numbers
        Their numbers, empty where unknown.
    missing
        What REMARK 465 names of the chain, in its order; used when it names just the
        components that have no number.

    Returns
    -------
    tuple of str
        Numbers with insertion codes, empty where unknown.
    """
    known = list(numbers)
    without = [i for i, number in enumerate(known) if not number]
    if [components[i] for i in without] == [component for component, _ in missing]:
        for i, (_, number) in zip(without, missing, strict=True):
            known[i] = number
        return tuple(known)
    before = -1
    for after, number in enumerate(numbers):
        if not number:
            continue
        between = range(before + 1, after)
        if before >= 0 and len(between):
            ends = [re.fullmatch(r"(-?\d+)[A-Za-z]?", known[i]) for i in (before, after)]
            first, last = (int(end[1]) if end else 0 for end in ends)
            if last - first == after - before:
                for i in between:
                    known[i] = str(first + i - before)
        before = after
    return tuple(known)
