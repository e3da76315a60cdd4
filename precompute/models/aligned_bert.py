"""A BERT that reads a sequence in the columns of its protein family's alignment.

The demo model is one. A profile HMM finds the family and each residue's column; tokens
are the family's columns, gaps included, and positions are the family's offset plus the
column. So there are tokens without a residue (columns where the sequence has a gap) and
residues without a token (insertions, and what lies outside the domain): these have no
attention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from precompute.demo.families import GAP_TOKEN, NAMES, PADDING, TOKENS, UNKNOWN
from precompute.demo.profiles import NO_COLUMN, Placement, Profiles, read_profiles
from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models.adapter import NO_RESIDUE, Encoding
from precompute.models.checkpoint import PROFILES_FILE
from precompute.models.encoder import EncoderAdapter, load_encoder
from precompute.models.vocabulary import Vocabulary

FAMILIES_FILE = "families.json"


@dataclass(frozen=True)
class Columns:
    """Where a family's columns stand among the model's positions."""

    offset: int
    columns: int


class FamilyVocabulary(Vocabulary):
    """Maps a sequence to the columns of its family.

    Parameters
    ----------
    families
        Each family's columns by accession.
    profiles
        Place sequences on them.
    """

    size = len(TOKENS)
    padding = PADDING
    special_tokens = 0

    def __init__(self, families: Mapping[str, Columns], profiles: Profiles) -> None:
        self.families = families
        self.profiles = profiles
        self._ids = {letter: place for place, letter in enumerate(TOKENS) if len(letter) == 1}
        # One sequence is placed for several askers: whether it can be read, and its tokens.
        self.place = lru_cache(maxsize=4096)(profiles.place)

    def encode(self, sequence: str) -> Encoding:
        """Turn a sequence into its family's columns; see `Vocabulary.encode`."""
        placement = self.place(sequence)
        if placement is None:
            raise AtlasError(self.unknown_family())
        family = self.families[placement.accession]
        tokens = np.full(family.columns, GAP_TOKEN, dtype=np.int64)
        residues = np.full(family.columns, NO_RESIDUE, dtype=np.int64)
        placed = np.flatnonzero(placement.columns != NO_COLUMN)
        columns = placement.columns[placed]
        tokens[columns] = [self._ids.get(sequence[residue], UNKNOWN) for residue in placed]
        residues[columns] = placed
        return Encoding(tokens, residues, family.offset + np.arange(family.columns))

    def as_read(self) -> list[Any]:
        """Give where each family's columns stand; profiles are of the weights' checksum."""
        return [[name, own.offset, own.columns] for name, own in sorted(self.families.items())]

    def unknown_family(self) -> str:
        """Say that a sequence is of no family of the model, and which there are."""
        known = ", ".join(
            f"{NAMES[accession]} ({accession})" if accession in NAMES else accession
            for accession in self.families
        )
        return (
            "This model knows only a few protein families, and the sequence belongs to none of "
            f"them: {known}. Choose one of these, or another model."
        )


class AlignedBertAdapter(EncoderAdapter):
    """A BERT whose vocabulary is `FamilyVocabulary`."""

    vocabulary: FamilyVocabulary

    def reads(self, sequence: str) -> bool:
        """Tell whether the sequence is of one of the model's families."""
        return self.vocabulary.place(sequence) is not None

    def place(self, sequence: str) -> Placement | None:
        """Find the family of a sequence; see `Profiles.place`."""
        return self.vocabulary.place(sequence)


def read_vocabulary(folder: Path, vocabulary: str) -> FamilyVocabulary:  # noqa: ARG001 - one kind
    """Read the families' columns and profiles alone; see `load`."""
    families = read_columns(folder / FAMILIES_FILE)
    profiles = read_profiles(folder / PROFILES_FILE)
    for accession, family in families.items():
        profile = profiles.profiles.get(accession)
        if profile is None or family.columns != profile.M:
            raise AtlasError(
                f"{folder}: the profile of {accession} and {FAMILIES_FILE} do not belong "
                "together; take the checkpoint's folder whole."
            )
    return FamilyVocabulary(families, profiles)


def load(folder: Path, vocabulary: str) -> AlignedBertAdapter:
    """Load a checkpoint that `precompute train-demo` made.

    Parameters
    ----------
    folder
        ``config.json``, ``model.safetensors``, ``families.json`` and
        ``profiles.hmm.gz``.
    vocabulary
        Not asked for: the tokens are `precompute.demo.families.TOKENS`.

    Raises
    ------
    AtlasError
        When the folder is not a whole checkpoint of this kind.
    """
    from transformers import BertConfig, BertModel

    words = read_vocabulary(folder, vocabulary)
    encoder = load_encoder(
        folder, "aligned_bert", BertConfig, BertModel, words, add_pooling_layer=False
    )
    config = encoder.config
    last = max(family.offset + family.columns for family in words.families.values())
    if last > config.max_position_embeddings:
        raise AtlasError(
            f"{folder}: {FAMILIES_FILE} has {last} columns and the model "
            f"{config.max_position_embeddings} positions; take the checkpoint's folder whole."
        )
    return AlignedBertAdapter(
        encoder, words, config.num_hidden_layers, config.num_attention_heads, None
    )


def read_columns(path: Path) -> dict[str, Columns]:
    """Read where each family's columns stand.

    Raises
    ------
    AtlasError
        When the file is missing or damaged.
    """
    try:
        records = parse_json(path.read_text(encoding="utf-8"))
        return {
            str(record["accession"]): Columns(int(record["offset"]), int(record["columns"]))
            for record in records
        }
    except FileNotFoundError as error:
        raise AtlasError(
            f"{path.parent} has no {path.name}; name a folder that `train-demo` made."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AtlasError(f"{path} is damaged; take it anew.") from error
