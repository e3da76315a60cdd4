"""In which order a model's heads follow contacts, so that the best are averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.results.contacts import contact_table, find_contact_runs
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import Loaded, read_heads
from dashboard.results.sources import HeadSource, list_sources
from precompute.contacts.causal import CAUSAL
from precompute.errors import AtlasError
from precompute.models import Model
from precompute.models.weights import Remembered
from precompute.tables import CONTACT_HEADS


@dataclass(frozen=True)
class Ranking:
    """A model's heads by how well they follow contacts.

    Attributes
    ----------
    heads
        Their places among all, from 0, best first.
    source
        Where the order is from, in words.
    """

    heads: tuple[int, ...]
    source: str


def rank_heads(model: Model, key: str, shape: tuple[int, int], loaded: Loaded) -> Ranking:
    """Rank a model's heads: by the paper's shares of its own models, by runs of others.

    Parameters
    ----------
    model
        The model.
    key
        What addresses call it: two checkpoints of one name are two models.
    shape
        Layers and heads that it has here: heads of another shape are others.
    loaded
        What is loaded; of its runs the newest of contacts comes first, then of shares.

    Raises
    ------
    AtlasError
        When the model's attention is causal, or nothing of it is known.
    """
    if model.causal:
        raise AtlasError(f"{model.label}: {CAUSAL}")
    if model.in_paper and key == model.name and shape == (model.layers, model.heads):
        source = next(one for one in list_sources(Loaded()).values() if one.model == model.name)
        return _by_shares(source, "the paper’s share of contacts among its arcs")
    for run in find_contact_runs(loaded.folders)[0].values():
        if (run.layers, run.heads) == shape and _same(key, run.model, run.checkpoint):
            table = contact_table(run, CONTACT_HEADS).sort_values("rank")
            places = (table["layer"] - 1) * run.heads + table["head"] - 1
            said = f"precision on {run.learnt} proteins of {run.dataset} (run {run.name})"
            return Ranking(tuple(places.tolist()), said)
    for one in loaded.runs:
        if (one.layers, one.heads) == shape and _same(key, one.model, one.checkpoint):
            source = HeadSource(one.model, loaded.labels[one.model], one)
            ranking = _by_shares(source, f"share of contacts in {one.dataset} (run {one.name})")
            if ranking.heads:
                return ranking
    raise AtlasError(
        f"Which heads of {model.label} follow contacts is not known here: measure it with "
        "python -m precompute contacts and name the folder in ATLAS_RESULTS."
    )


def _same(key: str, model: str, checkpoint: Remembered | None) -> bool:
    return key in (model, checkpoint.key if checkpoint is not None else model)


def _by_shares(source: HeadSource, words: str) -> Ranking:
    """Rank by the share of contacts, where the source has any."""
    try:
        return Ranking(_by_share(read_heads(source).showing("contact")), words)
    except AtlasError:
        return Ranking((), "")


@kept(64)
def _by_share(heads: Heads) -> tuple[int, ...]:
    """Order heads by their share, more arcs first on ties; grey heads are left out."""
    frame = heads.frame[heads.frame["percent"].notna()]
    # The paper's own order of its ten highest is exact where a colour that was read is not.
    frame = frame.sort_values(["rank", "layer", "head"])
    places = (frame["layer"] - 1) * heads.source.shape[1] + frame["head"] - 1
    return tuple(np.asarray(places, dtype=int).tolist())
