"""The arcs as a table."""

from __future__ import annotations

from dashboard.pages.live.export.arcs import ARC_COLUMNS, Export

_DIGITS = 5


def write_csv(export: Export) -> bytes:
    """Write the arcs as CSV in UTF-8, one arc a line; of several heads with a column ``head``."""
    more = [name for name in ("head",) if name in export.arcs]
    frame = export.arcs.loc[:, [*more, *ARC_COLUMNS]].copy()
    frame["weight"] = frame["weight"].astype(float).round(_DIGITS)
    return frame.to_csv(index=False, lineterminator="\n").encode()
