"""Run a model over some chains and count its arcs: the inner loop of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import torch

from precompute.chain import Chain
from precompute.column_attention.kept import entries, is_kept
from precompute.column_attention.measure import Families, Family, measure_columns
from precompute.conservation import QUARTILES, count_quartiles, residue_quartiles
from precompute.errors import AtlasError
from precompute.head_shape import BatchPlaces, shape_sums
from precompute.labels import FeatureSet
from precompute.models.adapter import Adapter, Encoding, LayerReceiver, pad_batch
from precompute.models.msa_transformer import AlignmentEncoding, MsaAdapter
from precompute.tally import (
    BatchLabels,
    LayerCounts,
    Tally,
    count_arcs,
    find_arcs,
    special_attention,
)
from precompute.windows import counting_window, window_starts


@dataclass(frozen=True, eq=False)
class Item:
    """One sequence to run, and the chains that are counted on it.

    Attributes
    ----------
    sequence
        Residues, cut to the longest input unless they are read in windows.
    chains
        For each dataset the chain with this sequence and its place in that dataset's
        sample, or None where the dataset did not draw it.
    window
        Residues of a window, where longer sequences are read in windows.
    before
        Entries of one head's matrices of column attention in all items before it; see
        `precompute.column_attention.kept.is_kept`.
    """

    sequence: str
    chains: tuple[tuple[Chain, int] | None, ...]
    window: int | None = None
    before: int = 0

    @property
    def chain(self) -> Chain:
        """The first of the chains: what a model reads of them is the same in all."""
        return next(pair[0] for pair in self.chains if pair is not None)

    @property
    def title(self) -> str:
        """What to call it in messages."""
        return self.chain.identifier

    @property
    def starts(self) -> list[int]:
        """Where its windows begin; see `window_starts`."""
        return window_starts(len(self.sequence), self.window)

    @property
    def rows(self) -> int:
        """Rows of the alignment, or windows of the sequence, that are read."""
        family = self.chain.alignment
        return len(self.starts) if family is None else len(family)

    @property
    def columns(self) -> int:
        """Columns of the alignment that is read, else residues of the sequence or a window."""
        family = self.chain.alignment
        if family is not None:
            return family.columns
        return min(len(self.sequence), self.window or len(self.sequence))


def collect_items(samples: Sequence[Sequence[Chain]], window: int | None = None) -> list[Item]:
    """Put the chains of several datasets that share a sequence on one pass.

    Parameters
    ----------
    samples
        Each dataset's chains, cut to the longest input, in the order of its sample.
    window
        Residues of a window, where they are not cut but read in windows.

    Returns
    -------
    list of Item
        In the order of the samples. A sequence that one dataset holds twice is run
        twice: items hold at most one chain of a dataset.
    """
    slots: dict[tuple[str, int], list[tuple[Chain, int] | None]] = {}
    for dataset, chains in enumerate(samples):
        seen: dict[str, int] = {}
        for place, chain in enumerate(chains):
            repeat = seen.get(chain.sequence, 0)
            seen[chain.sequence] = repeat + 1
            slot = slots.setdefault((chain.sequence, repeat), [None] * len(samples))
            slot[dataset] = (chain, place)
    items, before = [], 0
    for (sequence, _), chains_of in slots.items():
        items.append(Item(sequence, tuple(chains_of), window, before))
        family = items[-1].chain.alignment
        before += entries(*family.rows.shape) if family is not None else 0
    return items


class Sized(Protocol):
    """What is run: one input of a model."""

    @property
    def sequence(self) -> str:
        """As many letters as are run."""
        ...

    @property
    def title(self) -> str:
        """What to call it in messages."""
        ...

    @property
    def starts(self) -> list[int]:
        """Where its windows begin."""
        ...

    @property
    def rows(self) -> int:
        """Rows of the alignment, or windows of the sequence, that are read."""
        ...

    @property
    def columns(self) -> int:
        """Columns of the alignment that is read, else residues of the sequence or a window."""
        ...


T = TypeVar("T", bound=Sized)


def make_batches(items: Sequence[T], tokens: int) -> Iterator[list[T]]:
    """Group items of like length, longest first, into batches.

    Parameters
    ----------
    tokens
        The most residues of a batch, padding included; 0 puts each item on its own, as one
        that is read in windows always is.
    """
    batch: list[T] = []
    for item in sorted(items, key=lambda item: len(item.sequence), reverse=True):
        alone = batch and (len(batch[0].starts) > 1 or len(item.starts) > 1)
        if batch and (alone or (len(batch) + 1) * len(batch[0].sequence) > tokens):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def measure_items(
    adapter: Adapter,
    items: Sequence[Item],
    features: Sequence[FeatureSet],
    device: torch.device,
    batch_tokens: int,
    done: Callable[[Item], None],
    say: Callable[[str], None],
    families: Families | None = None,
) -> tuple[tuple[Tally, ...], int]:
    """Count the arcs of every head on some items, for each dataset.

    Parameters
    ----------
    adapter, device
        The model and where it is.
    items
        What to run.
    features
        Each dataset's features.
    batch_tokens
        As in `make_batches`. On a CPU 0: there a batch is no faster, and one sequence at
        a time makes the numbers independent of what stands beside it.
    done
        Called with each item once it is counted.
    say
        Told when memory ran out and the batch is halved.
    families
        What to measure of column attention, where the model reads alignments; given what was
        found.

    Returns
    -------
    tuple
        A tally for each dataset, on the CPU, and the batch size that fitted.

    Raises
    ------
    AtlasError
        When not even a single sequence fits into memory.
    """
    quartiles = 0 if families is None else QUARTILES
    tallies = tuple(
        Tally.empty(adapter.layers, adapter.heads, len(own.names), device, quartiles)
        for own in features
    )
    if adapter.one_at_a_time:
        batch_tokens = 0

    def measure(batch: Sequence[Item], at_once: int) -> None:
        if len(batch[0].starts) > 1:
            found: list[Family] = []
            partial = _measure_windows(adapter, batch[0], features, device, at_once)
        else:
            partial, found = _measure_batch(adapter, batch, features, device, families)
        for tally, part in zip(tallies, partial, strict=True):
            tally.add(part)
        if families is not None:
            families.found.extend(found)

    batch_tokens = in_batches(items, batch_tokens, measure, device, done, say)
    return tuple(tally.to("cpu") for tally in tallies), batch_tokens


def in_batches(
    items: Sequence[T],
    batch_tokens: int,
    measure: Callable[[Sequence[T], int], None],
    device: torch.device,
    done: Callable[[T], None],
    say: Callable[[str], None],
) -> int:
    """Measure items batch by batch, in smaller ones where memory runs out.

    Parameters
    ----------
    items
        What to run.
    batch_tokens
        As in `make_batches`.
    measure
        Measures a batch, given how many residues are run at once, and adds up what it counted:
        all of it or, where it fails, nothing.
    device, done, say
        As for `measure_items`.

    Returns
    -------
    int
        The batch size that fitted.

    Raises
    ------
    AtlasError
        When not even a single item fits into memory.
    """
    waiting = list(make_batches(items, batch_tokens))[::-1]
    while waiting:
        batch = waiting.pop()
        try:
            measure(batch, batch_tokens)
        except (torch.OutOfMemoryError, MemoryError) as error:
            if device.type == "cuda":
                torch.cuda.empty_cache()
            alone = len(batch[0].starts) == 1 or batch_tokens < 2 * batch[0].columns
            if len(batch) == 1 and alone:
                raise too_large(batch[0], device) from error
            batch_tokens = max(batch_tokens // 2, 1)
            say(f"Out of memory on {device}: going on with batches of {batch_tokens} residues.")
            rest = [item for later in reversed(waiting) for item in later]
            waiting = list(make_batches([*batch, *rest], batch_tokens))[::-1]
            continue
        for item in batch:
            done(item)
    return batch_tokens


def too_large(item: Sized, device: torch.device) -> AtlasError:
    """Give the error of an input that does not fit into memory alone."""
    what, choose = f"A sequence of {len(item.sequence)} residues", "--max-length"
    if len(item.starts) == 1 and item.rows > 1:
        what = f"An alignment of {item.rows} rows and {item.columns} columns"
        choose = "--depth or --max-length"
    return AtlasError(
        f"{what} does not fit into the memory of {device}; choose a smaller {choose}."
    )


def _measure_batch(
    adapter: Adapter,
    batch: Sequence[Item],
    features: Sequence[FeatureSet],
    device: torch.device,
    families: Families | None,
) -> tuple[tuple[Tally, ...], list[Family]]:
    """Count one batch into tallies of its own, so that a failure leaves nothing half added."""
    encodings = [adapter.encode_chain(item.chain) for item in batch]
    residues = torch.from_numpy(pad_batch(encodings, 0)[2]).to(device)
    stand = BatchPlaces.of(residues)
    labels: list[tuple[list[int], BatchLabels | None]] = []
    for dataset, own in enumerate(features):
        rows = [row for row, item in enumerate(batch) if item.chains[dataset] is not None]
        members = [pair for row in rows if (pair := batch[row].chains[dataset]) is not None]
        if members:
            chains, places = zip(*members, strict=True)
            labels.append((rows, BatchLabels.of(chains, places, own, device)))
        else:
            labels.append(([], None))
    family = batch[0].chain.alignment if families is not None else None
    quartiles = None
    if family is not None:
        quartiles = torch.from_numpy(residue_quartiles(family)).to(device)
    tallies = tuple(
        Tally.empty(
            adapter.layers,
            adapter.heads,
            len(own.names),
            device,
            0 if families is None else QUARTILES,
        )
        for own in features
    )

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        arcs = find_arcs(probabilities, residues)
        special = special_attention(probabilities, residues)
        shape = shape_sums(probabilities, stand)
        for tally, (rows, own) in zip(tallies, labels, strict=True):
            if own is not None:
                chosen = arcs if len(rows) == len(batch) else arcs.of_sequences(rows, len(batch))
                counts = count_arcs(chosen, own, adapter.heads)
                tally.add_layer(layer, counts, special[rows], shape[rows], own.proteins)
                if quartiles is not None:
                    ends = count_quartiles(chosen, quartiles, adapter.heads)
                    tally.add_quartiles(layer, ends, counts.arcs[0])

    if families is None:
        adapter.attend(encodings, receive)
        return tallies, []
    (item,) = batch
    return tallies, _measure_family(adapter, encodings[0], item, families, receive)


def _measure_family(
    adapter: Adapter, encoding: Encoding, item: Item, families: Families, receive: LayerReceiver
) -> list[Family]:
    """Run one alignment, and give what its column attention is for each dataset that has it."""
    family, choice = item.chain.alignment, families.choice
    if not (
        isinstance(adapter, MsaAdapter)
        and isinstance(encoding, AlignmentEncoding)
        and family is not None
    ):
        raise ValueError("Column attention is that of models that read alignments.")
    keep = is_kept(item.before, family, adapter.layers, adapter.heads, choice.megabytes)
    found = measure_columns(adapter, encoding, family, choice, receive, keep=keep)
    return [
        replace(found, dataset=dataset, place=pair[1])
        for dataset, pair in enumerate(item.chains)
        if pair is not None
    ]


def _measure_windows(
    adapter: Adapter,
    item: Item,
    features: Sequence[FeatureSet],
    device: torch.device,
    batch_tokens: int,
) -> tuple[Tally, ...]:
    """Count one item that is read in windows: each pair in the window that counts for it."""
    starts, window = item.starts, item.columns
    labels = [
        None if pair is None else BatchLabels.of((pair[0],), (pair[1],), own, device)
        for pair, own in zip(item.chains, features, strict=True)
    ]
    counted: list[dict[int, LayerCounts]] = [{} for _ in features]
    special: dict[int, torch.Tensor] = {}
    shape: dict[int, torch.Tensor] = {}
    together = max(batch_tokens // window, 1)
    for begun in range(0, len(starts), together):
        some = starts[begun : begun + together]
        encodings = [adapter.encode(item.sequence[start : start + window]) for start in some]
        residues = torch.from_numpy(pad_batch(encodings, 0)[2]).to(device)
        residues = torch.where(
            residues < 0, residues, residues + torch.tensor(some, device=device)[:, None]
        )
        own = torch.arange(begun, begun + len(some), device=device)
        there = residues.clamp(min=0).reshape(-1)
        counts = counting_window(there, there, starts, window).view(residues.shape)
        attending = (residues >= 0) & (counts == own[:, None])
        stand = BatchPlaces.of(residues, attending)

        def receive(
            layer: int,
            probabilities: torch.Tensor,
            residues: torch.Tensor = residues,
            own: torch.Tensor = own,
            stand: BatchPlaces = stand,
        ) -> None:
            arcs = find_arcs(probabilities, residues)
            kept = counting_window(arcs.source, arcs.target, starts, window) == own[arcs.sequence]
            arcs = replace(arcs.chosen(kept), sequence=torch.zeros_like(arcs.sequence[kept]))
            given = special_attention(probabilities, residues, stand.attending)
            special[layer] = special.get(layer, 0) + given.sum(0, keepdim=True)
            sums = shape_sums(probabilities, stand).sum(0, keepdim=True)
            shape[layer] = shape.get(layer, 0) + sums
            for parts, labelled in zip(counted, labels, strict=True):
                if labelled is not None:
                    part = count_arcs(arcs, labelled, adapter.heads)
                    parts[layer] = parts[layer] + part if layer in parts else part

        adapter.attend(encodings, receive)
    tallies = tuple(
        Tally.empty(adapter.layers, adapter.heads, len(own.names), device) for own in features
    )
    for tally, parts, labelled in zip(tallies, counted, labels, strict=True):
        for layer, part in parts.items():
            if labelled is not None:
                tally.add_layer(layer, part, special[layer], shape[layer], labelled.proteins)
    return tallies
