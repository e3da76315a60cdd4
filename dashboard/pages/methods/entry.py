"""One statistic in words, and where a property is defined."""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "Vig et al., ICLR 2021"


@dataclass(frozen=True)
class Method:
    """One statistic.

    Attributes
    ----------
    anchor
        Its name in addresses: ``/Methods#share``.
    title
        What a reader sees.
    text
        What it is and how it is read, in Markdown.
    formula
        In TeX; empty where words say it all.
    denominator
        What it is a share of, or what its n is.
    source
        Where it comes from.
    code
        Dotted names of the functions that compute it.
    """

    anchor: str
    title: str
    text: str
    formula: str = ""
    denominator: str = ""
    source: str = ""
    code: tuple[str, ...] = ()
