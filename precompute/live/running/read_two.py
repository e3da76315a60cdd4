"""Run a model on two proteins: as a pair, with a linker, or one beside the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.live.running.attention import (
    MAXIMUM_BYTES,
    Progress,
    SparseAttention,
    residue_tokens,
    watch,
)
from precompute.live.running.two import Together, Two, encode_two
from precompute.models.adapter import NO_RESIDUE
from precompute.models.plus_file import PLUS

if TYPE_CHECKING:
    import torch

    from precompute.models import Model
    from precompute.models.adapter import Adapter


def attend_two(
    adapter: Adapter,
    two: Two,
    progress: Progress | None = None,
    *,
    maximum_bytes: int = MAXIMUM_BYTES,
    longest: int | None = None,
) -> SparseAttention:
    """Run a model on two proteins and keep its larger weights; see `attend`.

    Parameters
    ----------
    adapter
        The model, where it is to run.
    two
        What it reads. Residues of the second are numbered behind those of the first, those that
        are cut off included: they are not read.
    progress
        Told after each layer.
    maximum_bytes
        Of the arcs.
    longest
        Residues that are read of both together, where that is less than the model reads.

    Raises
    ------
    AtlasError
        When the model cannot read them.
    """
    if not adapter.heads:
        return _compare(adapter, two)
    encoding = encode_two(adapter, two, longest)
    groups = _groups(encoding.residues, len(two.first))
    found: list[NDArray[np.float64]] = []

    def add(_: int, probabilities: torch.Tensor) -> None:
        found.append(_given(probabilities[0], groups))

    answer: list[float] = []

    def run(receive: Callable[[int, torch.Tensor], None]) -> None:
        if two.linker:
            adapter.attend([encoding], receive)
        else:
            said = adapter.attend_pairs([encoding], receive).same_family
            answer.extend([] if said is None else map(float, said))

    kept = watch(
        adapter, encoding.residues, len(two), run, progress, maximum_bytes=maximum_bytes, also=add
    )
    together = Together(np.stack(found), answer[0] if answer else None)
    # Of both proteins' residues, those of a linker left out, which `watch` takes for special.
    read = np.bincount(encoding.residues[encoding.residues >= 0] >= len(two.first), minlength=2)
    sums = (together.given * read[:, None]).sum(2)
    special = sums[..., 2] / np.maximum(sums.sum(-1), 1e-12)
    tokens = residue_tokens(encoding, len(two)) or None
    return replace(kept, special=special.astype(np.float32), together=together, tokens=tokens)


def pair_notes(model: Model, two: Two, attention: SparseAttention) -> tuple[str, ...]:
    """Say how a model read two proteins, a sentence each."""
    notes = []
    if two.linker:
        notes.append(
            f"{model.label} reads one sequence: the two chains are read with a linker of "
            f"{len(two.linker)} glycines between them, which stands in no map, arc, count or share."
        )
        if model.causal:
            notes.append(
                "This model reads from the first residue on, and none attends to what is behind "
                "it: nothing goes from the first chain to the second."
            )
    elif model.architecture not in PLUS:
        notes.append(
            "As far as is known this model was not trained on pairs of proteins; they are one "
            "input to it, as two sentences are to a BERT."
        )
    read = attention.read
    missing = int((~read[: len(two.first)]).sum()), int((~read[len(two.first) :]).sum())
    if any(missing):
        which = " and ".join(
            f"{count:,} of the {name}"
            for count, name in zip(missing, ("first", "second"), strict=True)
            if count
        )
        notes.append(
            f"Both together are longer than what is read: cut from the end of the longer one, by "
            f"{which}, which {'are' if sum(missing) > 1 else 'is'} not read."
        )
    longer = max(len(two.first) - missing[0], len(two.second) - missing[1])
    if model.longest_seen is not None and longer > model.longest_seen:
        notes.append(
            f"In its training {model.label} saw proteins of at most {model.longest_seen} residues, "
            f"and one of these has {longer:,}."
        )
    elif model.longest_seen is not None:
        notes.append(
            f"In its training {model.label} saw proteins of at most {model.longest_seen} residues."
        )
    if attention.together is not None and attention.together.same_family is not None:
        notes.append(
            f"{model.label} holds the two for one family with a probability of "
            f"{attention.together.same_family:.3f}."
        )
    return tuple(notes)


def _compare(adapter: Adapter, two: Two) -> SparseAttention:
    """Have a model without attention compare two proteins."""
    begun = time.perf_counter()
    answer = adapter.attend_pairs([adapter.encode_pair(two.first, two.second)], None)
    none = np.zeros((adapter.layers, 0), dtype=np.float32)
    together = Together(
        np.zeros((adapter.layers, 0, 2, 3)),
        None if answer.same_family is None else float(answer.same_family[0]),
        None if answer.alignments is None else answer.alignments[0].astype(np.float32),
    )
    places = np.zeros(0, dtype=np.int16)
    return SparseAttention(
        layers=adapter.layers,
        heads=0,
        residues=len(two),
        floor=0.0,
        starts=np.zeros(1, dtype=np.int64),
        source=places,
        target=places,
        weight=places.astype(np.uint16),
        received=np.zeros((adapter.layers, 0, len(two)), dtype=np.float32),
        special=none,
        read=np.ones(len(two), dtype=bool),
        seconds=time.perf_counter() - begun,
        together=together,
    )


def _groups(residues: NDArray[np.int64], first: int) -> NDArray[np.float32]:
    """Mark the tokens of the first protein, of the second, and special ones: (tokens, 3)."""
    marks = ((residues >= 0) & (residues < first), residues >= first, residues == NO_RESIDUE)
    return np.stack(marks, 1).astype(np.float32)


def _given(probabilities: torch.Tensor, groups: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum one layer's attention, (heads, tokens, tokens), between groups: (heads, 2, 3)."""
    import torch

    own = torch.from_numpy(groups).to(probabilities.device)
    sums = own[:, :2].T @ (probabilities.float() @ own)
    found: NDArray[np.float64] = sums.double().cpu().numpy()
    found /= np.maximum(groups[:, :2].sum(0), 1)[:, None]
    return found
