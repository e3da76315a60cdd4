"""Protein modifications in the layout of the paper's repository."""

from __future__ import annotations

from typing import Any

from precompute.chain import Chain
from precompute.datasets.records import identifier_field, sites_field, text_field


def read_chain(record: dict[str, Any], number: int) -> Chain:
    """Turn one record (``primary``, ``positions``, ``modifications``) into a chain."""
    sequence = text_field(record, "primary")
    return Chain(
        identifier_field(record, number),
        sequence,
        modification=sites_field(record, "modifications", len(sequence)),
    )
