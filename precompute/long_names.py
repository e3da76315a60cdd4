"""Names of chains that are longer than tables take."""

from __future__ import annotations

from collections.abc import Iterable

from precompute.errors import AtlasError
from precompute.one_line import one_line
from precompute.tables.columns import LONGEST_NAME


def refuse_long_names(identifiers: Iterable[str]) -> None:
    """Refuse a chain whose name no table takes, before anything is measured.

    Raises
    ------
    AtlasError
        Naming it.
    """
    for name in identifiers:
        if len(name) > LONGEST_NAME:
            raise AtlasError(
                f"The chain {one_line(name[:40])}… has a name of {len(name):,} signs, and tables "
                f"take {LONGEST_NAME:,}: give it a shorter one."
            )
