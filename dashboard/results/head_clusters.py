"""Heads of one to five models clustered by what they do: which are alike, and what each does."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pandas as pd

from dashboard.results.head_facts import head_shapes
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import stamp_tables
from dashboard.results.shapes import SHAPES
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.head_clusters import cluster_heads
from precompute.tables import HEAD_SHAPE

MOST_HEADS = 8_000
"""Distances of all pairs of them take 256 MB."""
_NOTABLE, _NAMED = 0.5, 3
"""From how many standard deviations above the mean on a property names a cluster; how many do."""
_PLACE = ["key", "model", "source", "layer", "head"]
_COUNTER = count()


def label_of(name: str) -> str:
    """Give what a visitor reads for a property, or for what a head is like."""
    return (FEATURES.get(name) or SHAPES[name]).label


@dataclass(frozen=True, eq=False)
class HeadClusters:
    """Heads in clusters.

    Attributes
    ----------
    frame
        A row a head: ``key`` of its source, ``model``, ``source``, ``layer``, ``head``,
        ``cluster`` from 1 (empty where grey), and its values by property.
    summary
        A row a cluster, 0 for all heads: ``cluster``, ``name``, ``heads``, the number of heads of
        each source by its key, and the mean of each property.
    names
        What the heads of each cluster do more than others, the first cluster's first.
    used
        The properties that tell heads apart.
    left_out
        Those that not every source has, or that are the same in all heads.
    """

    frame: pd.DataFrame
    summary: pd.DataFrame
    names: tuple[str, ...]
    used: tuple[str, ...]
    left_out: tuple[str, ...]
    state: str = field(default_factory=lambda: str(next(_COUNTER)))

    @property
    def identity(self) -> str:
        """Tells these clusters from all others (`dashboard.results.kept`)."""
        return self.state

    def own(self, key: str) -> pd.DataFrame:
        """Give the rows of one source."""
        return self.frame[self.frame["key"] == key]


def cluster_sources(sources: list[Heads], most: int) -> HeadClusters:
    """Cluster the heads of some sources together, by the properties that all of them have.

    Parameters
    ----------
    sources
        Whose heads they are; their order does not change clusters.
    most
        How many clusters.

    Raises
    ------
    AtlasError
        When there are too many heads, or nothing that all sources know of two heads.
    """
    return _cluster([heads.whole() for heads in sources], most)


@kept(32, lambda sources, _: "|".join(stamp_tables(own.run, HEAD_SHAPE) for own in sources))
def _cluster(sources: list[Heads], most: int) -> HeadClusters:
    total = sum(layers * heads for layers, heads in (own.source.shape for own in sources))
    if total > MOST_HEADS:
        raise AtlasError(
            f"{total:,} heads are too many to be clustered; choose models with at most "
            f"{MOST_HEADS:,} together."
        )
    tables = [_values(own) for own in sources]
    every = [name for name in (*SHOWN_FEATURES, *SHAPES) if any(name in own for own in tables)]
    known = [name for name in every if all(name in own for own in tables)]
    frame = pd.concat([own[[*_PLACE, *known]] for own in tables], ignore_index=True)
    found = cluster_heads(frame[known].to_numpy(dtype=float), most)
    if not len(found.centres) or not found.used.any():
        raise AtlasError(
            "There is no property that all of these know of heads with enough arcs, and by which "
            "heads differ; choose other models or runs."
        )
    used = tuple(np.array(known)[found.used].tolist())
    clusters = pd.Series(found.of, dtype="Int64")
    frame.insert(len(_PLACE), "cluster", clusters.where(clusters > 0))
    names = tuple(_name(known, centre) for centre in found.centres)
    kept_heads = frame[frame["cluster"].notna()]
    parts = {0: kept_heads} | {
        number: kept_heads[kept_heads["cluster"] == number] for number in range(1, len(names) + 1)
    }
    summary = pd.DataFrame(
        [
            {
                "cluster": number,
                "name": names[number - 1] if number else "all heads",
                "heads": len(part),
                **{own.source.key: int((part["key"] == own.source.key).sum()) for own in sources},
                **part[list(used)].mean().to_dict(),
            }
            for number, part in parts.items()
        ]
    )
    left_out = tuple(name for name in every if name not in used)
    return HeadClusters(frame, summary, names, used, left_out)


def _values(heads: Heads) -> pd.DataFrame:
    """Lay out what every head of a source does; a property that no head has a value of is none."""
    layers, columns = heads.source.shape
    places = pd.MultiIndex.from_product(
        [range(1, layers + 1), range(1, columns + 1)], names=["layer", "head"]
    )
    values = {
        str(frame["feature"].iloc[0]): frame.set_index(["layer", "head"])["percent"].astype(float)
        for frame in heads.several(SHOWN_FEATURES)
        if len(frame)
    }
    shapes = head_shapes(heads).set_index(["layer", "head"])
    values |= {name: shapes[name].astype(float) for name in SHAPES if len(shapes)}
    table = pd.DataFrame(
        {name: own.reindex(places) for name, own in values.items() if own.notna().any()},
        index=places,
    ).reset_index()
    source = heads.source
    return table.assign(key=source.key, model=source.model, source=source.results)


def _name(known: list[str], centre: np.ndarray) -> str:
    """Say what a cluster's heads do more than all heads: the properties furthest above the mean."""
    order = [place for place in np.argsort(-centre, kind="stable") if centre[place] >= _NOTABLE]
    return ", ".join(label_of(known[place]) for place in order[:_NAMED]) or "near the mean"
