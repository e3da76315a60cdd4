"""Heads of one to five models clustered by what they do: which are alike, and what each does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.results.head_facts import head_shapes
from dashboard.results.heads import Heads
from dashboard.results.kept import kept
from dashboard.results.loaded import stamp_tables
from dashboard.results.shapes import SHAPES
from precompute.errors import AtlasError
from precompute.features import FEATURES, SHOWN_FEATURES
from precompute.head_clusters import Joined, cut, join
from precompute.tables import HEAD_SHAPE

MOST_SOURCES = 5
COUNTS, DEFAULT_COUNT = range(2, 13), 8
"""How many clusters can be asked for."""
MOST_HEADS = 8_000
"""Distances of all pairs of them take 256 MB."""
_NOTABLE, _NAMED = 0.5, 3
"""From how many standard deviations above the mean on a property names a cluster; how many do."""
_PLACE = ["key", "model", "source", "layer", "head"]


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

    def own(self, key: str) -> pd.DataFrame:
        """Give the rows of one source."""
        return self._parts[key]

    @cached_property
    def _parts(self) -> dict[str, pd.DataFrame]:
        return {str(key): part for key, part in self.frame.groupby("key", sort=False)}


def _stamp(sources: list[Heads], *_: int) -> str:
    return "|".join(stamp_tables(own.run, HEAD_SHAPE) for own in sources)


@kept(48, _stamp, of=Heads.each_whole)
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
    heads, every, known, joined = _join(sources)
    found = cut(joined, most)
    if not len(found.centres) or not found.used.any():
        raise AtlasError(
            "There is no property that all of these know of heads with enough arcs, and by which "
            "heads differ; choose other models or runs."
        )
    used = tuple(np.array(known)[found.used].tolist())
    clusters = pd.Series(found.of, dtype="Int64")
    frame = heads.copy()
    frame.insert(len(_PLACE), "cluster", clusters.where(clusters > 0))
    names = tuple(_name(known, centre) for centre in found.centres)
    values, (codes, keys) = frame[list(used)].to_numpy(), pd.factorize(frame["key"])
    parts = [found.of > 0, *(found.of == number for number in range(1, len(names) + 1))]
    sizes = np.array([np.bincount(codes[part], minlength=len(keys)) for part in parts])
    sizes = sizes[:, [list(keys).index(own.source.key) for own in sources]]
    summary = pd.DataFrame(
        [
            {
                "cluster": number,
                "name": names[number - 1] if number else "all heads",
                "heads": int(sizes[number].sum()),
                **{own.source.key: int(n) for own, n in zip(sources, sizes[number], strict=True)},
                **dict(zip(used, values[part].mean(axis=0).tolist(), strict=True)),
            }
            for number, part in enumerate(parts)
        ]
    )
    left_out = tuple(name for name in every if name not in used)
    return HeadClusters(frame, summary, names, used, left_out)


class _Joined(NamedTuple):
    """Heads of some sources, a row each, and how they are joined."""

    frame: pd.DataFrame
    every: list[str]
    known: list[str]
    joined: Joined


@kept(32, _stamp)
def _join(sources: list[Heads]) -> _Joined:
    """Join the heads of some sources: the same, however many clusters are asked for."""
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
    return _Joined(frame, every, known, join(frame[known].to_numpy(dtype=float)))


@kept(64, lambda heads: stamp_tables(heads.run, HEAD_SHAPE))
def _values(heads: Heads) -> pd.DataFrame:
    """Lay out what every head of a source does; a property that no head has a value of is none."""
    source = heads.source
    layers, columns = source.shape
    there = {str(own["feature"].iloc[0]): own for own in heads.several(SHOWN_FEATURES) if len(own)}
    shapes = head_shapes(heads)
    laid = {name: _lay_out(own, "percent", columns, layers) for name, own in there.items()}
    if len(shapes):
        laid |= {name: _lay_out(shapes, name, columns, layers) for name in SHAPES}
    places = {
        "key": source.key,
        "model": source.model,
        "source": source.results,
        "layer": np.repeat(np.arange(1, layers + 1), columns),
        "head": np.tile(np.arange(1, columns + 1), layers),
    }
    known = {name: values for name, values in laid.items() if not np.isnan(values).all()}
    return pd.DataFrame(places | known)


def _lay_out(frame: pd.DataFrame, column: str, heads: int, layers: int) -> np.ndarray:
    """Give a column's value of each head, layer by layer; NaN where there is none."""
    values = np.full(layers * heads, np.nan)
    place = (frame["layer"].to_numpy() - 1) * heads + frame["head"].to_numpy() - 1
    values[place] = frame[column].to_numpy(dtype=float, na_value=np.nan)
    return values


def _name(known: list[str], centre: np.ndarray) -> str:
    """Say what a cluster's heads do more than all heads: the properties furthest above the mean."""
    order = [place for place in np.argsort(-centre, kind="stable") if centre[place] >= _NOTABLE]
    return ", ".join(label_of(known[place]) for place in order[:_NAMED]) or "near the mean"
