"""What a file of attention says of where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from precompute import __version__

if TYPE_CHECKING:
    from precompute.models.loading import Checkpoint


def file_facts(checkpoint: Checkpoint) -> dict[str, str]:
    """Name the model, its weights and what writes them."""
    return {
        "model": checkpoint.model.name,
        "weights_sha256": checkpoint.sha256(),
        "written_by": f"protein-attention-atlas {__version__}",
    }
