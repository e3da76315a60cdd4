"""Run a model over some chains and count its arcs: the inner loop of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from precompute.chain import Chain
from precompute.errors import AtlasError
from precompute.labels import FeatureSet
from precompute.models.adapter import Adapter, pad_batch
from precompute.tally import BatchLabels, Tally, count_arcs, find_arcs, special_attention


@dataclass(frozen=True, eq=False)
class Item:
    """One sequence to run, and the chains that are counted on it.

    Attributes
    ----------
    sequence
        Residues, already cut to the longest input.
    chains
        For each dataset the chain with this sequence and its place in that dataset's
        sample, or None where the dataset did not draw it.
    """

    sequence: str
    chains: tuple[tuple[Chain, int] | None, ...]

    @property
    def chain(self) -> Chain:
        """The first of the chains: what a model reads of them is the same in all."""
        return next(pair[0] for pair in self.chains if pair is not None)

    @property
    def rows(self) -> int:
        """Rows of the alignment that is read, 1 for a sequence alone."""
        family = self.chain.alignment
        return 1 if family is None else len(family)

    @property
    def columns(self) -> int:
        """Columns of the alignment that is read, else residues."""
        family = self.chain.alignment
        return len(self.sequence) if family is None else family.columns


def collect_items(samples: Sequence[Sequence[Chain]]) -> list[Item]:
    """Put the chains of several datasets that share a sequence on one pass.

    Parameters
    ----------
    samples
        Each dataset's chains, cut to the longest input, in the order of its sample.

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
    return [Item(sequence, tuple(chains)) for (sequence, _), chains in slots.items()]


def make_batches(items: Sequence[Item], tokens: int) -> Iterator[list[Item]]:
    """Group items of like length, longest first, into batches.

    Parameters
    ----------
    tokens
        The most residues of a batch, padding included; 0 puts each item on its own.
    """
    batch: list[Item] = []
    for item in sorted(items, key=lambda item: len(item.sequence), reverse=True):
        if batch and (len(batch) + 1) * len(batch[0].sequence) > tokens:
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

    Returns
    -------
    tuple
        A tally for each dataset, on the CPU, and the batch size that fitted.

    Raises
    ------
    AtlasError
        When not even a single sequence fits into memory.
    """
    tallies = tuple(
        Tally.empty(adapter.layers, adapter.heads, len(own.names), device) for own in features
    )
    if adapter.one_at_a_time:
        batch_tokens = 0
    waiting = list(make_batches(items, batch_tokens))[::-1]
    while waiting:
        batch = waiting.pop()
        try:
            partial = _measure_batch(adapter, batch, features, device)
        except (torch.OutOfMemoryError, MemoryError) as error:
            if device.type == "cuda":
                torch.cuda.empty_cache()
            if len(batch) == 1:
                raise _too_large(batch[0], device) from error
            batch_tokens = max(batch_tokens // 2, 1)
            say(f"Out of memory on {device}: going on with batches of {batch_tokens} residues.")
            rest = [item for later in reversed(waiting) for item in later]
            waiting = list(make_batches([*batch, *rest], batch_tokens))[::-1]
            continue
        for tally, part in zip(tallies, partial, strict=True):
            tally.add(part)
        for item in batch:
            done(item)
    return tuple(tally.to("cpu") for tally in tallies), batch_tokens


def _too_large(item: Item, device: torch.device) -> AtlasError:
    """Give the error of an input that does not fit into memory alone."""
    what, choose = f"A sequence of {len(item.sequence)} residues", "--max-length"
    if item.rows > 1:
        what = f"An alignment of {item.rows} rows and {item.columns} columns"
        choose = "--depth or --max-length"
    return AtlasError(
        f"{what} does not fit into the memory of {device}; choose a smaller {choose}."
    )


def _measure_batch(
    adapter: Adapter, batch: Sequence[Item], features: Sequence[FeatureSet], device: torch.device
) -> tuple[Tally, ...]:
    """Count one batch into tallies of its own, so that a failure leaves nothing half added."""
    encodings = [adapter.encode_chain(item.chain) for item in batch]
    residues = torch.from_numpy(pad_batch(encodings, 0)[2]).to(device)
    labels: list[tuple[list[int], BatchLabels | None]] = []
    for dataset, own in enumerate(features):
        rows = [row for row, item in enumerate(batch) if item.chains[dataset] is not None]
        members = [pair for row in rows if (pair := batch[row].chains[dataset]) is not None]
        if members:
            chains, places = zip(*members, strict=True)
            labels.append((rows, BatchLabels.of(chains, places, own, device)))
        else:
            labels.append(([], None))
    tallies = tuple(
        Tally.empty(adapter.layers, adapter.heads, len(own.names), device) for own in features
    )

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        arcs = find_arcs(probabilities, residues)
        special = special_attention(probabilities, residues)
        for tally, (rows, own) in zip(tallies, labels, strict=True):
            if own is not None:
                chosen = arcs if len(rows) == len(batch) else arcs.of_sequences(rows, len(batch))
                counts = count_arcs(chosen, own, adapter.heads)
                tally.add_layer(layer, counts, special[rows], own.proteins)

    adapter.attend(encodings, receive)
    return tallies
