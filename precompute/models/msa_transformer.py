"""The MSA Transformer, which reads a whole alignment: its row attention is what is counted.

Its one special token stands before the columns. Columns in which the query has a gap are
tokens without a residue, as they are for the model: nothing is cut out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.alignment import Alignment
from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.models.adapter import (
    NO_RESIDUE,
    Adapter,
    Encoding,
    LayerReceiver,
    VectorReceiver,
)
from precompute.models.checkpoint import fill, read_state
from precompute.models.configuration import check_config, read_config
from precompute.models.fair_esm_file import (
    has_training_names,
    older_model,
    package_names,
    published_file,
    read_published,
)
from precompute.models.msa_contact_head import ContactHead
from precompute.models.msa_network import (
    PADDING,
    ColumnAttention,
    ColumnReceiver,
    MsaNetwork,
    QueryReceiver,
    SelectivityReceiver,
    Shape,
)
from precompute.models.vocabulary import LetterVocabulary

TOKENS = (
    *("<cls>", "<pad>", "<eos>", "<unk>"),
    *"LAGVSERTIDPKQNFYMHWCXBUZO.-",
    *("<null_1>", "<mask>"),
)
"""Token ids are places in this tuple."""


@dataclass(frozen=True, eq=False)
class AlignmentEncoding(Encoding):
    """The tokens of an alignment; those of `Encoding` are of its first row, the query.

    Attributes
    ----------
    rows
        Token ids, shape (rows, tokens).
    """

    rows: NDArray[np.int64] | None = None


class MsaAdapter(Adapter):
    """A loaded MSA Transformer.

    Parameters
    ----------
    network
        The network.
    contacts
        The regression of contacts on its row attention, where the checkpoint has one.
    """

    special_tokens = 1
    one_at_a_time = True

    def __init__(self, network: MsaNetwork, contacts: ContactHead | None = None) -> None:
        self.network = network
        self.contacts = contacts
        self.layers = network.shape.layers
        self.heads = network.shape.heads
        self.width = network.shape.width
        self.max_tokens = network.shape.positions
        self.most_rows = network.shape.rows

    def encode(self, sequence: str) -> AlignmentEncoding:
        """Turn a sequence into an alignment of one row; see `Adapter.encode`."""
        return self.encode_alignment(Alignment.of([sequence]))

    def encode_chain(self, chain: Chain) -> AlignmentEncoding:
        """Turn a chain's alignment into tokens; see `Adapter.encode_chain`."""
        if chain.alignment is None:
            return self.encode(chain.sequence)
        return self.encode_alignment(chain.alignment)

    def encode_alignment(self, alignment: Alignment) -> AlignmentEncoding:
        """Turn an alignment into tokens.

        Raises
        ------
        AtlasError
            When it has more rows or columns than the model reads, or a letter that is none.
        """
        longest = self.network.shape.positions - 1
        if len(alignment) > self.most_rows or alignment.columns > longest:
            raise AtlasError(
                f"An alignment of {len(alignment):,} rows and {alignment.columns:,} columns is too "
                f"large: the model reads at most {self.most_rows:,} rows and {longest:,} columns."
            )
        words = vocabulary()
        tokens = np.stack([words.encode(row).tokens for row in alignment.texts()])
        residues = np.concatenate([[NO_RESIDUE], alignment.residues])
        return AlignmentEncoding(tokens[0], residues, rows=tokens)

    def to(self, device: torch.device, number_type: torch.dtype) -> None:
        """Move the network; see `Adapter.to`."""
        self.network.to(device=device, dtype=number_type)
        if self.contacts is not None:
            self.contacts.to(device)

    @torch.inference_mode()
    def attend(
        self,
        encodings: Sequence[Encoding],
        receive: LayerReceiver | None,
        receive_columns: ColumnReceiver | None = None,
        receive_selectivity: SelectivityReceiver | None = None,
    ) -> None:
        """Show the attention in one alignment; see `Adapter.attend`.

        Parameters
        ----------
        encodings
            One: beside another, the padding of the smaller would count among its rows.
        receive
            Given row attention.
        receive_columns, receive_selectivity
            Given column attention, if it is wanted.
        """
        (encoding,) = encodings
        rows = getattr(encoding, "rows", None)
        if rows is None:
            raise ValueError("This model reads encodings of its own.")
        device = self.network.embed_tokens.weight.device
        tokens = torch.from_numpy(rows).to(device)
        self.network(tokens, receive, receive_columns, receive_selectivity)

    @torch.inference_mode()
    def represent(
        self,
        encodings: Sequence[Encoding],
        receive_vectors: VectorReceiver,
        receive: LayerReceiver | None = None,
    ) -> None:
        """Hand on the vectors of one alignment's query; see `Adapter.represent`."""
        (encoding,) = encodings
        rows = getattr(encoding, "rows", None)
        if rows is None:
            raise ValueError("This model reads encodings of its own.")
        device = self.network.embed_tokens.weight.device
        tokens = torch.from_numpy(rows).to(device)
        self.network(tokens, receive, receive_query=receive_vectors)

    def attend_with_query(
        self, encoding: AlignmentEncoding, receive: LayerReceiver, receive_query: QueryReceiver
    ) -> None:
        """Show each layer's row attention, then which rows the query attends to in each column.

        The whole of column attention is not made for it: one row's logits are worked out anew.
        """
        parts = [part for part in self.network.modules() if isinstance(part, ColumnAttention)]

        def show(number: int, part: ColumnAttention, given: tuple[torch.Tensor, ...]) -> None:
            receive_query(number, part.of_query(given[0]))

        hooks = [
            part.register_forward_pre_hook(partial(show, number))
            for number, part in enumerate(parts)
        ]
        try:
            self.attend([encoding], receive)
        finally:
            for hook in hooks:
                hook.remove()


def vocabulary() -> LetterVocabulary:
    """Give the letters of every ESM model, gaps too; nothing stands behind the last column."""
    ids = {token: number for number, token in enumerate(TOKENS)}
    return LetterVocabulary(
        letters={token: number for token, number in ids.items() if len(token) == 1},
        before=(ids["<cls>"],),
        after=(),
        padding=PADDING,
        size=len(TOKENS),
    )


def read_vocabulary(folder: Path, vocabulary_: str) -> LetterVocabulary:  # noqa: ARG001 - one kind
    """Give the vocabulary, which is part of the architecture; see `vocabulary`."""
    return vocabulary()


def load(folder: Path, vocabulary_: str) -> MsaAdapter:  # noqa: ARG001 - one kind
    """Load a checkpoint as it is published, or in the hub's layout.

    Parameters
    ----------
    folder
        ``esm_msa1b_t12_100M_UR50S.pt`` and, if wanted, the regression of contacts beside it; or
        weights by the names of the authors' package, and a ``config.json`` that says
        ``num_attention_heads``. All other sizes are those of the tensors.
    vocabulary_
        Not asked for.

    Raises
    ------
    AtlasError
        When it is not a whole checkpoint of an MSA Transformer.
    """
    config = read_config(folder)
    check_config(config, "msa_transformer", folder)
    published = None if (folder / "config.json").is_file() else published_file(folder)
    state = read_state(folder) if published is None else read_published(published)
    if published is None and has_training_names(state):
        state = package_names(state)
    shape = _read_shape(state, config, published or folder)
    network = MsaNetwork(shape)
    # Names what `fill` holds against the shape of a regression in the file.
    network.config = SimpleNamespace(  # type: ignore[assignment]
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads
    )
    fill(network, state, folder)
    network.train(False)
    return MsaAdapter(network, _read_contacts(state, shape, folder))


def _read_shape(state: Mapping[str, torch.Tensor], config: Mapping[str, Any], path: Path) -> Shape:
    """Read a network's sizes off its tensors, and its heads off what is said of it."""
    wanted = ("embed_tokens", "embed_positions", "layers.0.feed_forward_layer.layer.fc1")
    rows = state.get("msa_position_embedding")
    sizes = [state.get(f"{name}.weight") for name in wanted]
    if rows is None or rows.dim() != 4 or any(one is None or one.dim() != 2 for one in sizes):
        raise AtlasError(
            f"{path} lacks tensors of an MSA Transformer, such as msa_position_embedding or "
            f"{wanted[-1]}: it is incomplete or of another architecture."
        )
    (tokens, width), (positions, _), (inner, _) = (one.shape for one in sizes if one is not None)
    if rows.shape[3] == 1 < width:
        raise older_model(path)
    if tokens != len(TOKENS):
        raise AtlasError(
            f"{path} knows {tokens} tokens, and an MSA Transformer {len(TOKENS)}: it is of another "
            "model."
        )
    found = {int(match[1]) for name in state if (match := re.match(r"layers\.(\d+)\.", name))}
    layers = max(found) + 1
    heads = config.get("num_attention_heads")
    if not isinstance(heads, int) or heads < 1 or width % heads:
        raise AtlasError(
            f"{path}: of how many heads a layer it is (num_attention_heads) is said to be {heads}, "
            f"which does not divide its width, {width}."
        )
    said = {
        "num_hidden_layers": layers,
        "hidden_size": width,
        "max_position_embeddings": positions - PADDING - 1,
    }
    for key, own in said.items():
        if config.get(key, own) != own:
            raise AtlasError(f"{path}: {key} is {own} in its tensors and said to be {config[key]}.")
    at_once = config.get("max_tokens_per_msa")
    given = {"at_once": at_once} if isinstance(at_once, int) and at_once > 0 else {}
    return Shape(
        layers, heads, width, inner, tokens, positions - PADDING - 1, int(rows.shape[1]), **given
    )


def _read_contacts(
    state: Mapping[str, torch.Tensor], shape: Shape, folder: Path
) -> ContactHead | None:
    """Fill the regression of contacts, where a checkpoint has one."""
    name = "contact_head."
    own = {key.removeprefix(name): value for key, value in state.items() if key.startswith(name)}
    if not own:
        return None
    head = ContactHead(shape.layers, shape.heads)
    fill(head, own, folder)
    return head
