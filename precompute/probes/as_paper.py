"""The paper's protocol, so that its curves can be compared, faults included.

Vig et al.'s code (salesforce/provis, after TAPE's) fits a linear layer of two outputs a property
and layer: AdamW, weight decay 0.01, a learning rate that warms up and falls linearly over 50
epochs, gradients cut at norm 1, dropout; it stops when the loss on the validation proteins has
not fallen for three epochs, and reports the best of these, on the very proteins that chose it.
F1 and precision are of all proteins' residues together; k comes from the whole length; pairs
stand twice in the list that is cut at k; and of what ties the positive is taken first.

Two things are done otherwise, and neither changes what a fitted probe computes:

- The paper's contact probe lays [xᵢ·xⱼ, xᵢ−xⱼ] out for every pair and averages both directions,
  in which the difference cancels: xᵢᵀ diag(w) xⱼ + b is left, one product of matrices. Its
  dropout, with p = ½ a zero-mean noise of variance Σ (wₖ xᵢₖ xⱼₖ)² / 2 on a pair's margin, is
  drawn as a normal deviate of that variance (Wang and Manning, ICML 2013), once more a product.
- The warm-up is a tenth of all steps where the paper's is longer, as on few proteins.

All layers, and all properties of residues, are fitted at once: their parameters, losses and
cuts have nothing in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from precompute.chain import Chain
from precompute.probes.features import (
    ATTENTION,
    EMBEDDINGS,
    INCOMING_ALL,
    PAIRS,
    VECTORS,
    FeatureStore,
)
from precompute.probes.scoring import Score, pooled_f1, pooled_precision
from precompute.probes.tasks import UNKNOWN, Task

EPOCHS, PATIENCE = 50, 3
SEED = 42
DECAY, LARGEST_GRADIENT, INITIAL = 0.01, 1.0, 0.02


@dataclass(frozen=True)
class Recipe:
    """How a kind of probe is fitted.

    Attributes
    ----------
    batch
        Proteins of a step.
    rate
        Highest learning rate.
    warm_up
        Steps until it is reached.
    dropout
        Share of a residue's or pair's numbers that a step does not see.
    """

    batch: int
    rate: float
    warm_up: int
    dropout: float


RESIDUES = Recipe(8, 1e-4, 500, 0.1)
CONTACTS = {EMBEDDINGS: Recipe(2, 5e-5, 2000, 0.5), ATTENTION: Recipe(16, 1e-4, 2000, 0.5)}


def count_steps(recipe: Recipe, proteins: int) -> int:
    """Give how many steps some proteins make, if no probe stops before."""
    return int(proteins / recipe.batch * EPOCHS)


def score_residues(
    store: FeatureStore,
    source: str,
    tasks: Sequence[Task],
    labels: Sequence[Sequence[NDArray[np.int64]]],
    validation: NDArray[np.bool_],
    device: torch.device,
) -> dict[str, list[Score]]:
    """Fit and score probes of residues on all layers.

    Parameters
    ----------
    store, source
        The features.
    tasks
        What is read; each of two classes.
    labels
        By task, then by protein.
    validation
        Which proteins are scored.
    device
        Where probes are fitted.

    Returns
    -------
    dict
        A score for each layer, by task.
    """
    kind = VECTORS if source == EMBEDDINGS else INCOMING_ALL
    features = [store.read(kind, layer) for layer in range(store.layers)]

    def load(proteins: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        places = [store.places.residues_of(number) for number in proteins]
        x = np.stack([np.concatenate([own[p] for p in places]) for own in features])
        y = np.stack([np.concatenate([own[number] for number in proteins]) for own in labels])
        return torch.from_numpy(x).to(device).float(), torch.from_numpy(y).to(device)

    def losses(
        probe: _Probes, proteins: Sequence[int], noise: torch.Generator | None
    ) -> torch.Tensor:
        x, y = load(proteins)
        logits = probe.of_rows(_dropped(x, RESIDUES.dropout, noise))  # (tasks, layers, rows, 2)
        spread = y[:, None].expand(logits.shape[:-1])
        found = functional.cross_entropy(
            logits.flatten(0, 2), spread.flatten(), ignore_index=UNKNOWN, reduction="none"
        ).view(spread.shape)
        return found.sum(-1) / (y != UNKNOWN).sum(-1).clamp(min=1)[:, None]

    def scores(probe: _Probes, proteins: Sequence[int]) -> dict[tuple[int, int], Score]:
        margins = []
        for number in proteins:
            logits = probe.of_rows(load([number])[0])
            margins.append((logits[..., 1] - logits[..., 0]).cpu().numpy())
        found = {}
        for place, task in enumerate(tasks):
            known = [labels[place][number] != UNKNOWN for number in proteins]
            classes = [
                labels[place][number][own] for number, own in zip(proteins, known, strict=True)
            ]
            for layer in range(store.layers):
                own = [m[place, layer][k] for m, k in zip(margins, known, strict=True)]
                found[place, layer] = _pooled(
                    task, own, classes, [round(int(k.sum()) / 20) for k in known]
                )
        return found

    probe = _Probes(len(tasks), store.layers, store.columns[kind], device)
    best = _train(probe, RESIDUES, validation, losses, scores)
    return {
        task.name: [best[place, layer] for layer in range(store.layers)]
        for place, task in enumerate(tasks)
    }


def score_pairs(
    store: FeatureStore,
    source: str,
    task: Task,
    chains: Sequence[Chain],
    validation: NDArray[np.bool_],
    device: torch.device,
) -> dict[str, list[Score]]:
    """Fit and score the probes of contacts on all layers; see `score_residues`."""
    kind = PAIRS if source == ATTENTION else VECTORS
    recipe = CONTACTS[source]
    features = [store.read(kind, layer) for layer in range(store.layers)]

    def margins(probe: _Probes, number: int, noise: torch.Generator | None) -> torch.Tensor:
        """Give the margin of each pair, shape (layers, pairs)."""
        if source == ATTENTION:
            rows = np.stack([own[store.places.pairs_of(number)] for own in features])
            x = torch.from_numpy(rows).to(device).float()
            logits = probe.of_rows(_dropped(x, recipe.dropout, noise))[0]
            return logits[..., 1] - logits[..., 0]
        vectors = np.stack([own[store.places.residues_of(number)] for own in features])
        first, second, _ = (torch.from_numpy(one) for one in store.places.pairs[number])
        return probe.of_pairs(
            torch.from_numpy(vectors).to(device).float(), first.to(device), second.to(device), noise
        )

    def losses(
        probe: _Probes, proteins: Sequence[int], noise: torch.Generator | None
    ) -> torch.Tensor:
        total = torch.zeros(store.layers, device=device)
        pairs = 0
        for number in proteins:
            y = torch.from_numpy(store.places.pairs[number][2]).to(device)
            own = margins(probe, number, noise)
            total = total + functional.softplus(torch.where(y == 1, -own, own)).sum(-1)
            pairs += len(y)
        return (total / max(pairs, 1))[None]

    def scores(probe: _Probes, proteins: Sequence[int]) -> dict[tuple[int, int], Score]:
        every = [margins(probe, number, None).cpu().numpy() for number in proteins]
        classes = [store.places.pairs[number][2] for number in proteins]
        counts = [round(len(chains[number]) / 5) for number in proteins]
        return {
            (0, layer): _pooled(task, [own[layer] for own in every], classes, counts, copies=2)
            for layer in range(store.layers)
        }

    probe = _Probes(1, store.layers, store.columns[kind], device)
    best = _train(probe, recipe, validation, losses, scores)
    return {task.name: [best[0, layer] for layer in range(store.layers)]}


class _Probes:
    """Linear layers of two outputs, one a task and layer of the model, side by side."""

    def __init__(self, tasks: int, layers: int, columns: int, device: torch.device) -> None:
        generator = torch.Generator().manual_seed(SEED)
        start = INITIAL * torch.randn((tasks, layers, 2, columns), generator=generator)
        self.weights = start.to(device).requires_grad_()
        self.bias = torch.zeros((tasks, layers, 2), device=device, requires_grad=True)

    def of_rows(self, x: torch.Tensor) -> torch.Tensor:
        """Give both outputs for rows of features.

        Parameters
        ----------
        x
            Shape (layers, rows, columns).

        Returns
        -------
        torch.Tensor
            Shape (tasks, layers, rows, 2).
        """
        product = torch.einsum("lrc,tloc->tlro", x, self.weights)
        return product + self.bias[:, :, None]

    def of_pairs(
        self,
        x: torch.Tensor,
        first: torch.Tensor,
        second: torch.Tensor,
        noise: torch.Generator | None,
    ) -> torch.Tensor:
        """Give the margin of pairs of residues, (X diag(w)) Xᵀ + b at these.

        Parameters
        ----------
        x
            Shape (layers, residues, columns).
        first, second
            Residues of each pair.
        noise
            Draws what dropout of one half adds; None leaves it out.

        Returns
        -------
        torch.Tensor
            Shape (layers, pairs).
        """
        weight = self.weights[0, :, 1] - self.weights[0, :, 0]
        bias = self.bias[0, :, 1] - self.bias[0, :, 0]
        found = ((x * weight[:, None]) @ x.transpose(1, 2))[:, first, second] + bias[:, None]
        if noise is None:
            return found
        squares = x.square()
        variance = ((squares * weight.square()[:, None]) @ squares.transpose(1, 2)) / 2
        drawn = torch.randn(found.shape, generator=noise).to(found.device)
        # The root has no slope at 0, where every weight or vector is 0.
        return found + drawn * variance[:, first, second].clamp(min=1e-12).sqrt()


def _train(
    probe: _Probes,
    recipe: Recipe,
    validation: NDArray[np.bool_],
    losses: Callable[[_Probes, Sequence[int], torch.Generator | None], torch.Tensor],
    scores: Callable[[_Probes, Sequence[int]], dict[tuple[int, int], Score]],
) -> dict[tuple[int, int], Score]:
    """Fit all probes; give each one's score at the epoch of its lowest validation loss."""
    train = np.flatnonzero(~validation)
    held = np.flatnonzero(validation).tolist()
    steps = count_steps(recipe, len(train))
    warm_up = max(min(recipe.warm_up, steps // 10), 1)
    groups: list[dict[str, Any]] = [
        {"params": [probe.weights], "weight_decay": DECAY},
        {"params": [probe.bias], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: (
            step / warm_up if step < warm_up else max(0.0, (steps - step) / max(1, steps - warm_up))
        ),
    )
    generator = np.random.default_rng(SEED)
    noise = torch.Generator().manual_seed(SEED)
    shape = probe.bias.shape[:2]
    lowest = np.full(shape, np.inf)
    waited = np.zeros(shape, dtype=int)
    best: dict[tuple[int, int], Score] = {}
    for _ in range(EPOCHS):
        for proteins in _batches(generator.permutation(train).tolist(), recipe.batch):
            optimiser.zero_grad()
            losses(probe, proteins, noise).sum().backward()  # type: ignore[no-untyped-call]
            _cut(probe)
            optimiser.step()
            schedule.step()
        with torch.no_grad():
            own = [losses(probe, batch, None) for batch in _batches(held, recipe.batch)]
            loss = torch.stack(own).mean(0).cpu().numpy()
            going = waited < PATIENCE
            better = (loss < lowest) & going
            if better.any():
                now = scores(probe, held)
                best |= {key: now[key] for key in zip(*map(list, np.nonzero(better)), strict=True)}
        lowest = np.where(better, loss, lowest)
        waited = np.where(better, 0, waited + going)
        if (waited >= PATIENCE).all():
            break
    return best


def _cut(probe: _Probes) -> None:
    """Cut each probe's gradient at `LARGEST_GRADIENT`, as one model's own is."""
    slopes, offsets = probe.weights.grad, probe.bias.grad
    assert slopes is not None
    assert offsets is not None
    norm = (slopes.square().sum((-1, -2)) + offsets.square().sum(-1)).sqrt()
    factor = (LARGEST_GRADIENT / (norm + 1e-6)).clamp(max=1.0)
    slopes *= factor[..., None, None]
    offsets *= factor[..., None]


def _batches(proteins: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(proteins), size):
        yield list(proteins[start : start + size])


def _dropped(x: torch.Tensor, share: float, noise: torch.Generator | None) -> torch.Tensor:
    """Leave out a share of numbers and scale the others up; nothing without `noise`."""
    if noise is None:
        return x
    kept = torch.rand(x.shape, generator=noise).to(x.device) >= share
    return x * kept / (1 - share)


def _pooled(
    task: Task,
    margins: Sequence[NDArray[np.float32]],
    classes: Sequence[NDArray[np.int64]],
    counts: Sequence[int],
    copies: int = 1,
) -> Score:
    if task.score == "F1":
        value = pooled_f1([(own > 0).astype(np.int64) for own in margins], classes)
    else:
        value = pooled_precision(margins, classes, counts, copies)
    return Score(value, None, None, len(classes), sum(map(len, classes)))
