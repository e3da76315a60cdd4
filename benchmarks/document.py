"""Put what was measured between the marks of a document."""

from __future__ import annotations


def marks(name: str) -> tuple[str, str]:
    """Give the two marks of a part, invisible where Markdown is rendered."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def replace_part(document: str, name: str, text: str) -> str:
    """Put a text between the two marks of a part.

    Parameters
    ----------
    document
        What holds the marks, once.
    name
        The part's, as in `marks`.
    text
        What stands between them afterwards.

    Raises
    ------
    ValueError
        When a mark is missing.
    """
    first, last = marks(name)
    before, begin, rest = document.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"the document has no {first} … {last}")
    return f"{before}{first}\n\n{text.strip()}\n\n{last}{after}"
