"""Load any model of the registry, or a checkpoint of one's own of a known architecture."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from precompute.errors import AtlasError
from precompute.models import ARCHITECTURES, Model
from precompute.models.adapter import Adapter
from precompute.models.checkpoint import weights_sha256


@dataclass(frozen=True)
class Checkpoint:
    """A model and the folder that its weights are read from."""

    model: Model
    folder: Path

    def sha256(self) -> str:
        """SHA-256 over the weight files."""
        return weights_sha256(self.folder)

    def load(self) -> Adapter:
        """Load the model onto the CPU, in float32.

        Raises
        ------
        AtlasError
            When the folder is not a whole checkpoint of this model.
        """
        if self.model.architecture not in ARCHITECTURES:
            raise AtlasError(
                f"{self.model.label} is of the architecture {self.model.architecture}, which this "
                f"version cannot run; it runs {', '.join(ARCHITECTURES)}."
            )
        module = importlib.import_module(ARCHITECTURES[self.model.architecture])
        adapter: Adapter = module.load(self.folder, self.model.vocabulary)
        return adapter
