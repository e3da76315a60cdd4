"""One protein through the model: each chosen head's attention between residues."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.live.running.attention import refuse_longer_input

if TYPE_CHECKING:
    import torch

    from precompute.models.adapter import Adapter, Encoding

LayerOfProtein = Callable[[int, "torch.Tensor", "Encoding"], None]
"""Takes a layer's index, from 0, its attention of shape (1, heads, tokens, tokens), and tokens."""


class _DoneError(Exception):
    """No layer that is still to come is wanted."""


def read_layers(adapter: Adapter, letters: str, last: int, receive: LayerOfProtein) -> None:
    """Run a model on a sequence, up to the last layer that is wanted.

    Parameters
    ----------
    adapter
        The model, where it is to run.
    letters
        One letter a residue.
    last
        That layer, from 0.
    receive
        Given each layer in turn.

    Raises
    ------
    AtlasError
        When the model cannot read the sequence, or not one so long.
    """
    encoding = adapter.encode(letters)
    refuse_longer_input(adapter, encoding)

    def take(layer: int, probabilities: torch.Tensor) -> None:
        receive(layer, probabilities, encoding)
        if layer == last:
            raise _DoneError

    with suppress(_DoneError):
        adapter.attend([encoding], take)


def between_residues(
    probabilities: torch.Tensor, encoding: Encoding, heads: NDArray[np.int64], residues: int
) -> NDArray[np.float32]:
    """Take heads' attention between residues out of that between tokens.

    Parameters
    ----------
    probabilities
        Of one layer, shape (1, heads, tokens, tokens).
    encoding
        Which residue each token is.
    heads
        Those that are wanted, from 0, shape (wanted,).
    residues
        How many the protein has.

    Returns
    -------
    numpy.ndarray
        Shape (wanted, residues, residues), rows attend to columns; NaN where the model did not
        read a residue. Rows sum to less than one: the rest goes to special tokens.
    """
    import torch

    tokens = np.flatnonzero(encoding.residues >= 0)
    places = encoding.residues[tokens]
    device = probabilities.device
    chosen = torch.from_numpy(heads).to(device)
    index = torch.from_numpy(tokens).to(device)
    kept = probabilities[0].index_select(0, chosen).index_select(1, index).index_select(2, index)
    values = kept.float().cpu().numpy()
    if len(places) == residues and (places == np.arange(residues)).all():
        return values
    whole = np.full((len(heads), residues, residues), np.nan, dtype=np.float32)
    whole[:, places[:, None], places[None]] = values
    return whole
