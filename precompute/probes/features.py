"""What probes are fitted on: a pass of the model, kept on disk in half precision.

A model is run once. Of each residue the vectors of every layer are kept, and the ten highest
weights of every head that attend to it; of each pair of residues that may be a contact the mean
of the weights in both directions. Tasks and protocols then read a layer at a time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.models.adapter import NO_RESIDUE, Adapter
from precompute.probes.feature_files import CHECKSUM, are_whole, claim, note_done, sum_up
from precompute.probes.tasks import pair_labels
from precompute.tables.storage import cannot_write

TOP = 10
"""Weights to a residue that are kept of each head, the highest first, as in the paper's probe."""

EMBEDDINGS, ATTENTION = "embeddings", "attention"
SOURCES = (EMBEDDINGS, ATTENTION)

VECTORS, INCOMING, INCOMING_ALL, PAIRS = "vectors", "incoming", "incoming-all", "pairs"
"""Kinds of features: `INCOMING_ALL` also has the weights from special tokens, as the paper's."""

_FLUSHED = 16
"""Chains after which what was written is noted as done."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where each chain's residues and pairs stand among all.

    Attributes
    ----------
    there
        Which residues the model has tokens of, one array a chain.
    pairs
        First and second residue and class of each chain's pairs, as `pair_labels` gives them.
    residue_ends, pair_ends
        Ends of the chains' rows, the first being 0; shape (chains + 1,).
    """

    there: tuple[NDArray[np.bool_], ...]
    pairs: tuple[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], ...]
    residue_ends: NDArray[np.int64]
    pair_ends: NDArray[np.int64]

    @classmethod
    def of(cls, chains: Sequence[Chain], adapter: Adapter, *, pairs: bool) -> Places:
        """Find the places of chains; those of pairs where they are asked for."""
        there, found = [], []
        for chain in chains:
            tokens = adapter.encode_chain(chain).residues
            own = np.zeros(len(chain), dtype=bool)
            own[tokens[tokens != NO_RESIDUE]] = True
            there.append(own)
            found.append(pair_labels(chain, own & (pairs or ~own)))
        return cls(
            tuple(there),
            tuple(found),
            np.cumsum([0, *map(len, there)]),
            np.cumsum([0, *(len(own[0]) for own in found)]),
        )

    def residues_of(self, chain: int) -> slice:
        """Give the rows of a chain's residues."""
        return slice(int(self.residue_ends[chain]), int(self.residue_ends[chain + 1]))

    def pairs_of(self, chain: int) -> slice:
        """Give the rows of a chain's pairs."""
        return slice(int(self.pair_ends[chain]), int(self.pair_ends[chain + 1]))


class FeatureStore:
    """Features of every layer, in files of a folder.

    Parameters
    ----------
    folder
        Where; named after all that the features depend on.
    layers
        Of the model.
    columns
        How many numbers a row has, by kind.
    places
        Where rows stand.
    """

    def __init__(self, folder: Path, layers: int, columns: dict[str, int], places: Places) -> None:
        self.folder = folder
        self.layers = layers
        self.columns = columns
        self.places = places

    @property
    def bytes(self) -> int:
        """Give the size of all files."""
        return sum(self.layers * self._size(kind) for kind in self.columns)

    def read(self, kind: str, layer: int) -> NDArray[np.float16]:
        """Give a layer's rows, shape (residues or pairs, columns); read as they are used."""
        return self._open(kind, layer, "r")

    def fill(
        self,
        adapter: Adapter,
        chains: Sequence[Chain],
        over: Callable[[Sequence[int]], Iterator[int]],
    ) -> None:
        """Run the model over all chains that are not there yet, one at a time.

        Parameters
        ----------
        adapter
            The model, on its device.
        chains
            In the order of `places`.
        over
            Shows progress over the places of chains.

        Raises
        ------
        AtlasError
            When there is no room, a vector does not fit into half precision, or an input into
            memory.
        """
        done = self._prepare(len(chains))
        files = {key: self._open(*key, "r+") for key in self._keys()}
        for number in np.flatnonzero(done).tolist():  # what an earlier session left, if it is whole
            own = {key: file[self._place(key[0], number)] for key, file in files.items()}
            if done[number] != sum_up(own):
                done[number] = 0
        waiting: dict[int, int] = {}
        for number in over(np.flatnonzero(done == 0).tolist()):
            rows = dict(self._features(adapter, chains[number], number))
            for key, own_rows in rows.items():
                files[key][self._place(key[0], number)] = own_rows
            waiting[number] = sum_up(rows)
            if len(waiting) >= _FLUSHED:
                note_done(done, waiting, files.values())
        note_done(done, waiting, files.values())

    def _keys(self) -> Iterator[tuple[str, int]]:
        return ((kind, layer) for kind in self.columns for layer in range(self.layers))

    def _place(self, kind: str, chain: int) -> slice:
        return (self.places.pairs_of if kind == PAIRS else self.places.residues_of)(chain)

    def _prepare(self, chains: int) -> NDArray[np.uint32]:
        """Make the files where they are not there whole; give the checksums of what is done."""
        path = self.folder / "done"
        sizes = {self._path(*key): self._size(key[0]) for key in self._keys()}
        try:
            if not are_whole(sizes | {path: chains * CHECKSUM.itemsize}):
                self.folder.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                for own in sizes:
                    own.unlink(missing_ok=True)
                free = shutil.disk_usage(self.folder).free
                if free < self.bytes:
                    raise AtlasError(
                        f"Features of {_gigabytes(self.bytes)} are kept in {self.folder} while "
                        f"probes are fitted, and {_gigabytes(free)} are free there: make room, or "
                        "take fewer --proteins."
                    )
                for own, size in sizes.items():
                    claim(own, size)
                claim(path, chains * CHECKSUM.itemsize)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        return np.memmap(path, dtype=CHECKSUM, mode="r+", shape=(chains,))

    def _features(
        self, adapter: Adapter, chain: Chain, number: int
    ) -> Iterator[tuple[tuple[str, int], NDArray[np.float16]]]:
        """Run the model on one chain and give the rows of each kind and layer."""
        encoding = adapter.encode_chain(chain)
        tokens = torch.from_numpy(np.flatnonzero(encoding.residues != NO_RESIDUE))
        residues = torch.from_numpy(encoding.residues)[tokens]
        first, second, _ = (torch.from_numpy(one) for one in self.places.pairs[number])
        place = torch.full((len(chain),), -1)
        place[residues] = torch.arange(len(tokens))
        first, second = place[first], place[second]
        found: dict[tuple[str, int], torch.Tensor] = {}

        def spread(rows: torch.Tensor) -> torch.Tensor:
            """Put rows of tokens at their residues, 0 where a residue has no token."""
            whole = rows.new_zeros((len(chain), rows.shape[1]), dtype=torch.float16, device="cpu")
            whole[residues] = rows.to("cpu", torch.float16)
            return whole

        def receive_vectors(layer: int, vectors: torch.Tensor) -> None:
            found[VECTORS, layer] = spread(_at(vectors[0], tokens, 0))

        def receive(layer: int, weights: torch.Tensor) -> None:
            to = _at(weights[0], tokens, 2)  # (heads, all tokens, residues with tokens)
            if INCOMING_ALL in self.columns:
                found[INCOMING_ALL, layer] = spread(_highest(to))
            between = _at(to, tokens, 1)
            if INCOMING in self.columns:
                found[INCOMING, layer] = spread(_highest(between))
            if PAIRS in self.columns:
                both = (between + between.transpose(1, 2)).flatten(1)
                own = both.index_select(1, (first * len(tokens) + second).to(both.device)) / 2
                found[PAIRS, layer] = own.T.to("cpu", torch.float16)

        wanted = receive if set(self.columns) - {VECTORS} else None
        try:
            if VECTORS in self.columns:
                adapter.represent([encoding], receive_vectors, wanted)
            else:
                adapter.attend([encoding], receive)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise AtlasError(
                f"The chain {chain.identifier} of {len(chain)} residues does not fit into memory; "
                "choose a smaller --max-length."
            ) from error
        for key, rows in found.items():
            if not bool(torch.isfinite(rows).all()):
                raise AtlasError(
                    f"The vectors of layer {key[1] + 1} of {chain.identifier} are beyond what half "
                    "precision holds: this model cannot be probed."
                )
            yield key, rows.numpy()

    def _rows(self, kind: str) -> int:
        ends = self.places.pair_ends if kind == PAIRS else self.places.residue_ends
        return int(ends[-1])

    def _size(self, kind: str) -> int:
        return 2 * self._rows(kind) * self.columns[kind]

    def _path(self, kind: str, layer: int) -> Path:
        return self.folder / f"{kind}-{layer + 1:03d}.f16"

    def _open(self, kind: str, layer: int, mode: Any) -> NDArray[np.float16]:
        shape = (self._rows(kind), self.columns[kind])
        if not all(shape):  # an empty file cannot be mapped
            return np.zeros(shape, dtype=np.float16)
        return np.memmap(self._path(kind, layer), dtype=np.float16, mode=mode, shape=shape)


def columns_of(
    adapter: Adapter, sources: Sequence[str], *, residues: bool, pairs: bool, paper: bool
) -> dict[str, int]:
    """Say which features are needed, and how many numbers a row of each has.

    Parameters
    ----------
    adapter
        The model.
    sources
        Some of `SOURCES`.
    residues, pairs
        Whether tasks are of residues, and of pairs.
    paper
        Whether the paper's protocol is asked for.
    """
    columns = {}
    if EMBEDDINGS in sources:
        columns[VECTORS] = adapter.width
    if ATTENTION in sources:
        if residues:
            columns[INCOMING] = TOP * adapter.heads
        if residues and paper:
            columns[INCOMING_ALL] = TOP * adapter.heads
        if pairs:
            columns[PAIRS] = adapter.heads
    return columns


def check_budget(store: FeatureStore, budget: float, chains: int) -> None:
    """Refuse features that are larger than the budget.

    Parameters
    ----------
    budget
        In gigabytes (10⁹ bytes).
    chains
        How many there are.

    Raises
    ------
    AtlasError
        Saying how many proteins would do.
    """
    if store.bytes > budget * 1e9:
        fitting = max(int(chains * budget * 1e9 / store.bytes), 1)
        raise AtlasError(
            f"Features of these {chains:,} proteins take {_gigabytes(store.bytes)} in half "
            f"precision, and --budget is {budget:g} GB: take about {fitting:,} --proteins, one "
            "--source, or a greater --budget."
        )


def _at(values: torch.Tensor, places: torch.Tensor, dimension: int) -> torch.Tensor:
    """Give some places of a dimension; without a copy where they follow each other."""
    first, last = int(places[0]), int(places[-1])
    if last - first + 1 == len(places):
        return values.narrow(dimension, first, len(places))
    return values.index_select(dimension, places.to(values.device))


def _highest(weights: torch.Tensor) -> torch.Tensor:
    """Give the `TOP` highest weights to each residue, head after head, 0 where there are fewer.

    Parameters
    ----------
    weights
        Shape (heads, attending, residues).

    Returns
    -------
    torch.Tensor
        Shape (residues, heads × `TOP`).
    """
    heads, attending, residues = weights.shape
    found = torch.zeros((residues, heads, TOP), dtype=weights.dtype)
    most = min(TOP, attending)
    if weights.device.type == "cpu" and weights.dtype == torch.float32:
        # On a CPU torch's topk takes several times as long.
        rows = weights.permute(2, 0, 1).contiguous().numpy()
        rows.partition(attending - most, axis=2)
        own = rows[:, :, attending - most :]
        own.sort(axis=2)
        highest = torch.from_numpy(own[:, :, ::-1].copy())
    else:
        highest = weights.topk(most, dim=1).values.permute(2, 0, 1).cpu()
    found[:, :, :most] = highest
    return found.flatten(1)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.2f} GB"
