"""Every protein scored by the regression that a checkpoint's authors fitted, and nothing learnt.

It needs no other proteins: what is published of a few can be repeated on those few.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from precompute.contacts.learning import published_weights
from precompute.contacts.maps import PairMaps, show
from precompute.contacts.pairs import RANGES, find_pairs
from precompute.contacts.scoring import MEASURES, protein_scores
from precompute.devices import place_adapter
from precompute.drawn import Sample, keep_readable, read_as
from precompute.errors import AtlasError
from precompute.models.loading import Checkpoint
from precompute.progress import Progress
from precompute.settings import Settings

_WHERE = {
    "msa_transformer": "put the file of its authors there",
    "esm": "give the checkpoint that it was made from, if that has the contact head of ESM",
}
"""Where a checkpoint's regression is, by its architecture."""
_NOWHERE = "take a model that carries one (ESM-1b, ESM-2, the MSA Transformer)"


def score_published(
    checkpoint: Checkpoint, sample: Sample, settings: Settings, progress: Progress
) -> pd.DataFrame:
    """Score proteins by a checkpoint's own regression.

    Parameters
    ----------
    checkpoint
        Model and weights.
    sample
        Of a dataset with structures.
    settings
        Where the model runs, and in which numbers.
    progress
        Shown while proteins are scored.

    Returns
    -------
    pandas.DataFrame
        ``place`` of the chain in the sample, ``protein``, ``residues``, ``atoms``,
        ``separation``, ``measure``, ``precision`` and ``chance``, as
        `precompute.contacts.scoring.protein_scores` has them.

    Raises
    ------
    AtlasError
        When the checkpoint has no regression, or no protein can be scored.
    """
    (sample,) = read_as(checkpoint.model, [sample])
    adapter, device = checkpoint.load(), torch.device(settings.device)
    if not checkpoint.model.reads_any:
        (sample,) = keep_readable([sample], adapter, progress)
    weights = published_weights(checkpoint, adapter.layers * adapter.heads)
    if weights is None:
        raise AtlasError(
            f"{checkpoint.weights.folder} has no regression of contacts: "
            f"{_WHERE.get(checkpoint.model.architecture, _NOWHERE)}, or leave --published out."
        )
    place_adapter(adapter, settings, device)
    rows = []
    for number, chain in enumerate(progress.over(sample.chains, "contacts", "protein")):
        pairs = find_pairs(chain)
        encoding = adapter.encode_chain(chain)
        maps = PairMaps(encoding, pairs.first, pairs.second, (), weights[None], device)
        show(adapter, encoding, maps)
        for atoms, (own, chance) in protein_scores(maps.sums(), pairs).items():
            for place in np.argwhere(np.isfinite(own)):
                separation, measure = list(RANGES)[place[0]], list(MEASURES)[place[1]]
                rows.append(
                    {"place": number, "protein": chain.identifier}
                    | {"residues": pairs.residues[atoms]}
                    | {"atoms": atoms, "separation": separation, "measure": measure}
                    | {"precision": own[*place], "chance": chance[*place]}
                )
    if not rows:
        raise AtlasError(
            f"None of the {len(sample.chains)} proteins of {sample.dataset.label} has a structure "
            "with contacts."
        )
    return pd.DataFrame(rows)
