"""Alignments in blocks, as Clustal, Stockholm and MSF have them: rows by name."""

from __future__ import annotations

from collections.abc import Sequence

from precompute.errors import AtlasError
from precompute.one_line import one_line


def read_block_rows(kind: str, lines: Sequence[str]) -> dict[str, str]:
    """Read an alignment in blocks: on each line a name and a part of its row.

    Parameters
    ----------
    kind
        The format, in words.
    lines
        Those behind the format's first one, up to ``//``.

    Returns
    -------
    dict
        Rows by name, in order, gaps as they stand there.

    Raises
    ------
    AtlasError
        When there is no row, rows differ in length, two of one block have one name, or another
        alignment follows.
    """
    ends = [place for place, line in enumerate(lines) if line.startswith("//")]
    if ends and any(line.strip() for line in lines[ends[0] + 1 :]):
        raise AtlasError(
            f"This text holds {max(len(ends), 2)} alignments; give each in a file of its own."
        )
    rows: dict[str, list[str]] = {}
    block: set[str] = set()
    for line in lines[: ends[0]] if ends else lines:
        # A line that begins with a blank says what is conserved, or counts; # is a comment.
        words = line.split()
        indented = line[:1].isspace() and not kind.endswith("MSF alignment")
        if indented or not words or line.startswith("#=GC"):  # what ends a block
            block.clear()
        if len(words) < 2 or indented or line.startswith("#"):
            continue
        if all(word.isdecimal() for word in words) or not set(line) - set("*:. "):
            continue
        letters = [word for word in words[1:] if not word.isdecimal()]
        if words[0] in block:
            raise AtlasError(
                f"This is {kind} in which two rows are called {one_line(words[0][:40])}: give each "
                "a name of its own, and a blank line between blocks."
            )
        block.add(words[0])
        rows.setdefault(words[0], []).extend(letters)
    whole = {name: "".join(parts) for name, parts in rows.items()}
    if not whole:
        raise AtlasError(f"This is {kind} without a row; give the whole file.")
    if len({len(row) for row in whole.values()}) > 1:
        raise AtlasError(
            f"This is {kind} whose rows differ in length: it is damaged, or two rows have one name."
        )
    return whole
