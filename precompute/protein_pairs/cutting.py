"""Cut a pair to what a model reads, as PLUS does: from the end of the longer one."""

from __future__ import annotations

SPECIAL_TOKENS = 3
"""Of a pair: one before, one between and one behind."""


def cut_pair(first: int, second: int, most: int) -> tuple[int, int]:
    """Give how many residues of two proteins are read.

    Again and again the longer one loses its last residue, of two of one length the second.

    Parameters
    ----------
    first, second
        Their residues.
    most
        Residues of both together.

    Returns
    -------
    tuple of int
        Of the first and of the second.
    """
    over = first + second - most
    if over <= 0:
        return first, second
    # What makes the longer one as long as the other comes first, then each loses half.
    shorter = min(first, second)
    if most >= 2 * shorter:
        return (most - second, second) if first > second else (first, most - first)
    return most // 2 + most % 2, most // 2
