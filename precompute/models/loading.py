"""Load any model of the registry, or a checkpoint of one's own of a known architecture."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from precompute.errors import AtlasError
from precompute.labels import FeatureSet
from precompute.models import ARCHITECTURES, MODELS, RECURRENT, WITHOUT_ATTENTION, Model
from precompute.models.adapter import Adapter
from precompute.models.checkpoint import weights_sha256
from precompute.models.configuration import position_kind, read_config
from precompute.models.own import describe_own
from precompute.models.same_reading import reading_digest
from precompute.models.vocabulary import Vocabulary
from precompute.models.weights import Weights

READ_AS_UNKNOWN = "letters read as the unknown token"
"""Under which name `Checkpoint.reading` lists them."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*")
_LONGEST_NAME = 64
"""Files of a run are named after its model, and file systems take 255 signs."""


@dataclass(frozen=True)
class Checkpoint:
    """A model and where its weights are."""

    model: Model
    weights: Weights

    def sha256(self) -> str:
        """SHA-256 over the weight files."""
        return weights_sha256(self.weights.folder)

    def load(self) -> Adapter:
        """Load the model onto the CPU, in float32.

        Raises
        ------
        AtlasError
            When the folder is not a whole checkpoint of this model.
        """
        adapter: Adapter = self._module().load(self.weights.folder, self.model.vocabulary)
        return adapter

    def vocabulary(self) -> Vocabulary:
        """Read the vocabulary alone.

        Raises
        ------
        AtlasError
            When it is missing or none of this architecture.
        """
        found: Vocabulary = self._module().read_vocabulary(
            self.weights.folder, self.model.vocabulary
        )
        return found

    def feature_set(self, names: tuple[str, ...], window: int | None = None) -> FeatureSet:
        """Lay out features as this model can have them; see `FeatureSet`.

        Parameters
        ----------
        names
            What is measured.
        window
            Residues of a window, where chains are read in windows.

        Raises
        ------
        AtlasError
            When the vocabulary cannot be read.
        """
        words = self.vocabulary()
        token_of = words.token_of if words.joins else None
        return FeatureSet(names, self.model.causal, window, token_of)

    def reading(self) -> dict[str, str]:
        """Say how the model reads a sequence, where that is not plain, for the `runs` table.

        Raises
        ------
        AtlasError
            When configuration or vocabulary cannot be read.
        """
        config = read_config(self.weights.folder)
        notes = {}
        rotary = position_kind(config, self.model.architecture) == "rotary"
        if rotary and self.model.architecture == "esm":
            notes["rotary frequencies"] = "the checkpoint's where it holds them"
        words = self.vocabulary()
        if words.read_as_unknown:
            notes[READ_AS_UNKNOWN] = ", ".join(sorted(words.read_as_unknown))
        rows = config.get("vocab_size")
        if isinstance(rows, int) and rows > words.size:
            notes["embeddings without a token"] = f"{rows - words.size} of {rows}"
        return notes

    def reading_digest(self) -> str:
        """Digest of what configuration and vocabulary make of the weights; see `same_reading`.

        Raises
        ------
        AtlasError
            When configuration or vocabulary cannot be read.
        """
        return reading_digest(read_config(self.weights.folder), self.vocabulary())

    def _module(self) -> ModuleType:
        return importlib.import_module((ARCHITECTURES | RECURRENT)[self.model.architecture])


def own_model(name: str, architecture: str, folder: str | None) -> Model:
    """Describe a checkpoint of one's own, which no registry knows.

    Parameters
    ----------
    name
        What to call it in tables and URLs.
    architecture
        Key of `ARCHITECTURES`.
    folder
        The checkpoint.

    Raises
    ------
    AtlasError
        When the name is taken, too long or cannot be a file's, the architecture is not known, or
        there is no checkpoint.
    """
    if (known := (MODELS | WITHOUT_ATTENTION).get(name)) is not None:
        raise AtlasError(
            f"{name} is a model of the registry, of the architecture {known.architecture}: "
            "leave --architecture out, or choose another name for a checkpoint of your own."
        )
    if not _NAME.fullmatch(name):
        raise AtlasError(f"{name!r} cannot name a model: use letters, digits, dots, underscores.")
    if len(name) > _LONGEST_NAME:
        raise AtlasError(
            f"The name {name[:20]}… has {len(name):,} signs; choose one of at most {_LONGEST_NAME}."
        )
    if architecture in RECURRENT:
        raise AtlasError(
            f"{architecture} has no attention to measure: give {' or '.join(WITHOUT_ATTENTION)} as "
            "--model, without --architecture."
        )
    if architecture not in ARCHITECTURES:
        raise AtlasError(
            f"There is no architecture {architecture}; there are {', '.join(ARCHITECTURES)}."
        )
    if folder is None:
        raise AtlasError(f"Where is {name}? Name its folder with --weights.")
    return describe_own(name, architecture, Path(folder), read_config(Path(folder)))
