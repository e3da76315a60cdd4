"""XLNet-shaped models: ProtXLNet, whose special tokens stand at the end."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch

from precompute.errors import AtlasError
from precompute.models import capture
from precompute.models.configuration import read_config
from precompute.models.encoder import EncoderAdapter, load_encoder
from precompute.models.listed_vocabulary import fast_vocabulary
from precompute.models.piece_vocabulary import PieceVocabulary, has_no_pieces
from precompute.models.vocabulary import Vocabulary


def read_vocabulary(folder: Path, vocabulary: str) -> Vocabulary:  # noqa: ARG001 - one kind
    """Read the vocabulary alone; see `load`."""
    ends = ("<sep>", "<cls>")
    if has_no_pieces(folder):
        return fast_vocabulary(folder, (), ends)
    return PieceVocabulary(folder, (), ends)


def load(folder: Path, vocabulary: str) -> EncoderAdapter:
    """Load an XLNet-shaped checkpoint: pieces ``<sep>`` ``<cls>``.

    XLNet's relative attention does not go through transformers' registry of attention
    functions: the core of each layer is wrapped instead, so that its probabilities are
    shown and dropped. Positions are relative, so there is no longest input.

    Raises
    ------
    AtlasError
        When the folder is not a whole XLNet checkpoint with its ``spiece.model`` or
        ``tokenizer.json``.
    """
    from transformers import XLNetConfig, XLNetModel

    words = read_vocabulary(folder, vocabulary)
    kind = read_config(folder).get("attn_type") or "bi"
    if kind not in ("bi", "uni"):
        raise AtlasError(
            f"{folder / 'config.json'}: attn_type is {str(kind)[:20]!r}, and XLNet has bi and uni; "
            "take the one of the checkpoint."
        )
    if kind == "uni":
        raise AtlasError(
            f"{folder / 'config.json'}: attn_type is 'uni', with which a residue attends to those "
            "before it alone, and arcs of XLNet are counted both ways: only 'bi' can be measured."
        )
    encoder = load_encoder(folder, "xlnet", XLNetConfig, XLNetModel, words)
    for layer in encoder.layer:
        layer.rel_attn.rel_attn_core = partial(_show_core, layer.rel_attn.rel_attn_core)
    config = encoder.config
    return EncoderAdapter(
        encoder, words, config.n_layer, config.n_head, None, options={"use_mems": False}
    )


def _show_core(core: Any, *arguments: Any, **options: Any) -> torch.Tensor:
    """Run a layer's core, show its probabilities, and give on what it gives without them."""
    options["output_attentions"] = True
    output: torch.Tensor
    output, probabilities = core(*arguments, **options)
    # transformers gives (from, to, sequence, head), a view of (sequence, head, from, to).
    capture.show(probabilities.permute(2, 3, 0, 1))
    return output
