"""ProteinNet in TAPE's layout: C-alpha coordinates, hence contacts."""

from __future__ import annotations

from typing import Any

from precompute.chain import Chain
from precompute.datasets.records import array_field, identifier_field, text_field


def read_chain(record: dict[str, Any], number: int) -> Chain:
    """Turn one record (``primary``, ``tertiary`` in Å, ``valid_mask``) into a chain."""
    sequence = text_field(record, "primary")
    residues = len(sequence)
    return Chain(
        identifier_field(record, number),
        sequence,
        alpha_carbons=array_field(record, "tertiary", (residues, 3), "number"),
        resolved=array_field(record, "valid_mask", (residues,), "boolean"),
    )
