"""The encoders of T5-shaped models: ProtT5, ProstT5 and Ankh."""

from __future__ import annotations

from pathlib import Path

from precompute.errors import AtlasError
from precompute.models.added_tokens import added_token
from precompute.models.configuration import read_config
from precompute.models.encoder import EncoderAdapter, State, load_encoder
from precompute.models.listed_vocabulary import LISTS, fast_vocabulary
from precompute.models.piece_vocabulary import PieceVocabulary, has_no_pieces
from precompute.models.vocabulary import Vocabulary

DIRECTION = "<AA2fold>"
"""ProstT5 reads residues and states of a structure, and is told so which of them follow."""

PROST_T5 = f"spiece.model, {DIRECTION}"
"""`Model.vocabulary` of a checkpoint that has to have this token."""


def read_vocabulary(folder: Path, vocabulary: str) -> Vocabulary:
    """Read the vocabulary alone; see `load`."""
    fast = fast_vocabulary(folder, (), ("</s>",), DIRECTION) if has_no_pieces(folder) else None
    direction = None if fast is not None else added_token(folder, DIRECTION)
    told = fast.before if fast is not None else direction is not None
    if vocabulary == PROST_T5 and not told:
        raise AtlasError(
            f"{folder} has no {LISTS[-1] if fast is not None else 'added_tokens.json'} with "
            f"{DIRECTION}, which ProstT5 reads before residues; add the one of the same checkpoint."
        )
    if fast is not None:
        return fast
    words = PieceVocabulary(folder, (), ("</s>",))
    if direction is not None:
        words.put_before(direction)
    return words


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load the encoder of a T5-shaped checkpoint: residues ``</s>``.

    What is added to the scores for the distance of two tokens is the first layer's, for all
    layers. Distances have no end, so there is no longest input. A decoder beside the encoder is
    not read.

    Parameters
    ----------
    folder
        ``config.json``, the weights, and ``spiece.model`` (U, Z, O and B are read as X, as its
        authors ask) or ``tokenizer.json``.
    vocabulary
        `PROST_T5` where `DIRECTION` has to be there; where it is there, it stands first.

    Raises
    ------
    AtlasError
        When the folder is not a whole T5 checkpoint with its vocabulary.
    """
    from transformers import T5Config
    from transformers.models.t5.modeling_t5 import T5Stack

    words = read_vocabulary(folder, vocabulary)
    alone = {"is_encoder_decoder": False, "use_cache": False}
    _refuse_near(folder)
    encoder = load_encoder(folder, "t5", T5Config, T5Stack, words, settings=alone, rename=_encoder)
    return EncoderAdapter(encoder, words, encoder.config.num_layers, encoder.config.num_heads, None)


def _refuse_near(folder: Path) -> None:
    """Refuse a farthest distance that is none: half of a direction's numbers have one distance."""
    config = read_config(folder)
    numbers = config.get("relative_attention_num_buckets", 32)
    farthest = config.get("relative_attention_max_distance", 128)
    if type(numbers) is int and not (type(farthest) is int and farthest > numbers // 4):
        raise AtlasError(
            f"{folder / 'config.json'}: relative_attention_max_distance is {str(farthest)[:20]}, "
            f"and {numbers} relative_attention_num_buckets reach further; take the one of the "
            "checkpoint."
        )


def _encoder(state: State) -> State:
    """Take the encoder: its embeddings may be there as those shared with the decoder."""
    kept = {name: t for name, t in state.items() if "decoder" not in name.split(".")}
    for name in [name for name in kept if name.split(".")[-2:] == ["shared", "weight"]]:
        own = name.removesuffix("shared.weight") + "encoder.embed_tokens.weight"
        kept.setdefault(own, kept.pop(name))
    return kept
