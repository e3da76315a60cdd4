"""ProteinNet in TAPE's layout: C-alpha coordinates, hence contacts."""

from __future__ import annotations

from typing import Any

import numpy as np

from precompute.chain import Chain
from precompute.datasets.coordinates import find_places, refuse_other_unit
from precompute.datasets.records import array_field, identifier_field, text_field


def read_chain(record: dict[str, Any], number: int) -> Chain:
    """Turn one record (``primary``, ``tertiary`` in Å, ``valid_mask``) into a chain.

    A residue whose coordinates are no place is unresolved, whatever the mask says.
    """
    sequence = text_field(record, "primary")
    residues = len(sequence)
    identifier = identifier_field(record, number)
    positions = array_field(record, "tertiary", (residues, 3), "number")
    resolved = array_field(record, "valid_mask", (residues,), "boolean")
    refuse_other_unit([(positions, resolved)], f"The chain {identifier}")
    resolved = find_places(positions, resolved)
    return Chain(
        identifier,
        sequence,
        alpha_carbons=np.where(resolved[:, None], positions, 0.0),
        resolved=resolved,
    )
