"""Secondary structure in TAPE's layout: DSSP's eight classes, as the paper's four."""

from __future__ import annotations

from typing import Any

import numpy as np

from precompute.chain import Chain
from precompute.datasets.records import array_field, identifier_field, text_field
from precompute.errors import AtlasError
from precompute.features import SECONDARY_STRUCTURES

_BLANK_OF_EIGHT = 7
_BLANK = SECONDARY_STRUCTURES.index("blank")


def read_chain(record: dict[str, Any], number: int) -> Chain:
    """Turn one record (``primary``, ``ss3``, ``ss8``) into a chain.

    As in the paper's code, the class is ``ss3`` (helix GHI, strand BE, the rest)
    unless ``ss8`` (an index into GHIBESTC) is blank, so that the rest is turn or bend.
    """
    sequence = text_field(record, "primary")
    three = array_field(record, "ss3", (len(sequence),), "integer")
    eight = array_field(record, "ss8", (len(sequence),), "integer")
    for name, values, classes in (("ss3", three, 3), ("ss8", eight, 8)):
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise AtlasError(
                f"{name} has classes outside 0 to {classes - 1}: the record is damaged."
            )
    return Chain(
        identifier_field(record, number),
        sequence,
        secondary_structure=np.where(eight == _BLANK_OF_EIGHT, _BLANK, three).astype(np.int8),
        dssp=eight.astype(np.int8),
    )
