"""Measure what the demo model learnt: perplexity, and contacts it was never shown.

What is measured goes on the model card, whatever it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from precompute.chain import Chain
from precompute.demo.families import (
    LETTERS,
    MASK,
    TOKENS,
    Family,
    hold_out,
    offsets,
    weigh_sequences,
)
from precompute.demo.profiles import NO_COLUMN
from precompute.features import CONTACT_DISTANCE, MINIMUM_CONTACT_SEPARATION
from precompute.models.aligned_bert import AlignedBertAdapter

REGRESSION_C = 0.15
"""Inverse strength of the L1 penalty, as ESM's contact regression has it (Rao et al., 2021)."""
_FIRST_LETTER = TOKENS.index(LETTERS[0])


@dataclass(frozen=True, eq=False)
class Solved:
    """A family's solved chain under the model.

    Attributes
    ----------
    accession, identifier
        The family and the chain.
    scores
        Of every head for every pair i < j that is at least 6 apart and resolved, the
        mean of both directions of attention; shape (heads, pairs).
    corrected
        The same after average product correction (Dunn et al., Bioinformatics 2008).
    contacts
        By definition (``alpha``, ``beta``) whether a pair is in contact, shape (pairs,).
    residues
        L: residues of the domain that have a column.
    """

    accession: str
    identifier: str
    scores: NDArray[np.float64]
    corrected: NDArray[np.float64]
    contacts: dict[str, NDArray[np.bool_]]
    residues: int


def perplexity(model: Any, families: Sequence[Family], seed: int, rounds: int = 4) -> pd.DataFrame:
    """Measure the perplexity of hidden residues in held-out sequences.

    Parameters
    ----------
    model
        `transformers.BertForMaskedLM`.
    families
        The alignments it was trained on, in the order of its positions.
    seed
        Of the training: it chooses what was held out. Hiding is drawn from it too.
    rounds
        How often each sequence is hidden anew, 15 % of its residues at a time.

    Returns
    -------
    pandas.DataFrame
        A row a family: ``family``, ``sequences``, ``hidden`` residues, ``perplexity`` of
        the model and ``profile_perplexity`` of the weighted column frequencies of the
        training sequences with one pseudocount of the family's own composition; both
        over the twenty amino acids, on the same hidden residues.
    """
    start = offsets(families)
    rows = []
    for family in families:
        away = hold_out(family, seed)
        held = torch.from_numpy(family.rows[away].astype(np.int64))
        profile = torch.from_numpy(_column_profile(family.rows[~away])).log()
        generator = torch.Generator().manual_seed(seed)
        place = torch.arange(start[family.accession], start[family.accession] + family.columns)
        losses, profile_losses = [], []
        for _ in range(rounds):
            for block in torch.split(held, 64):
                hidden = (torch.rand(block.shape, generator=generator) < 0.15) & (
                    block >= _FIRST_LETTER
                )
                if not hidden.any():
                    continue
                with torch.inference_mode():
                    logits = model(
                        input_ids=block.masked_fill(hidden, MASK),
                        position_ids=place.expand_as(block),
                    ).logits
                chances = logits[..., _FIRST_LETTER:].double().log_softmax(-1)
                wanted = (block - _FIRST_LETTER).clamp(min=0)[..., None]
                losses.append(-chances.gather(-1, wanted)[..., 0][hidden])
                own = profile.expand(*block.shape, -1)
                profile_losses.append(-own.gather(-1, wanted)[..., 0][hidden])
        rows.append(
            {
                "family": family.accession,
                "sequences": len(held),
                "hidden": sum(len(loss) for loss in losses),
                "perplexity": float(torch.cat(losses).mean().exp()),
                "profile_perplexity": float(torch.cat(profile_losses).mean().exp()),
            }
        )
    return pd.DataFrame(rows)


def _column_profile(rows: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Weighted frequencies of the twenty amino acids in each column, shape (columns, 20)."""
    weights = weigh_sequences(rows)
    counts = np.stack(
        [weights @ (rows == token) for token in range(_FIRST_LETTER, len(TOKENS))], axis=1
    )
    composition = counts.sum(0) / counts.sum()
    frequencies: NDArray[np.float64] = (counts + composition) / (counts.sum(1, keepdims=True) + 1.0)
    return frequencies


def attend_solved(
    adapter: AlignedBertAdapter, accession: str, chain: Chain, betas: NDArray[np.float64]
) -> Solved:
    """Run the model on a family's solved chain and collect its pairs.

    Parameters
    ----------
    adapter
        The model.
    accession
        The family the chain belongs to.
    chain
        With C-alpha coordinates.
    betas
        C-beta coordinates (C-alpha for glycine) in Å, NaN where not resolved; shape
        (residues, 3).
    """
    from scipy.spatial.distance import pdist, squareform

    encoding = adapter.encode(chain.sequence)
    kept = np.flatnonzero(encoding.residues != NO_COLUMN)
    residues = encoding.residues[kept]
    layers: list[NDArray[np.float64]] = []

    def receive(layer: int, probabilities: torch.Tensor) -> None:
        del layer
        layers.append(probabilities[0][:, kept][:, :, kept].double().numpy())

    adapter.attend([encoding], receive)
    attention = np.concatenate(layers)
    both = (attention + attention.transpose(0, 2, 1)) / 2
    total = both.sum(axis=(1, 2), keepdims=True)
    expected = both.sum(axis=1, keepdims=True) * both.sum(axis=2, keepdims=True) / total
    states = chain.contact_states()
    assert states is not None, "a solved chain has coordinates"
    states = states[np.ix_(residues, residues)]
    first, second = np.triu_indices(len(residues), MINIMUM_CONTACT_SEPARATION)
    distances = squareform(pdist(np.nan_to_num(betas[residues], nan=1e9)))
    use = states[first, second] >= 0
    first, second = first[use], second[use]
    return Solved(
        accession,
        chain.identifier,
        both[:, first, second],
        (both - expected)[:, first, second],
        {
            "alpha": states[first, second] == 1,
            "beta": distances[first, second] < CONTACT_DISTANCE,
        },
        len(residues),
    )


def precision(scores: NDArray[np.float64], contacts: NDArray[np.bool_], count: int) -> float:
    """Share of the `count` highest-scoring pairs that are contacts."""
    return float(contacts[np.argsort(-scores, kind="stable")[:count]].mean())


def contact_table(solved: Sequence[Solved], heads: int) -> pd.DataFrame:
    """Measure how well heads, their maximum and a regression find contacts.

    Parameters
    ----------
    solved
        One chain a family.
    heads
        Heads a layer.

    Returns
    -------
    pandas.DataFrame
        A row a family and definition of contact (``alpha``: C-alpha < 8 Å, as in the
        paper; ``beta``: C-beta < 8 Å): L, the share of all pairs in contact, and the
        precision at L and L/5 of the best head (which one), of the maximum over heads,
        and of an L1 logistic regression fit on the other families.
    """
    rows = []
    for definition in ("alpha", "beta"):
        for one in solved:
            contacts = one.contacts[definition]
            L = one.residues
            by_head = [precision(scores, contacts, L) for scores in one.scores]
            best = int(np.argmax(by_head))
            most = one.scores.max(axis=0)
            fitted = _regress([other for other in solved if other is not one], definition, one)
            rows.append(
                {
                    "family": one.accession,
                    "chain": one.identifier,
                    "contact": definition,
                    "L": L,
                    "background": float(contacts.mean()),
                    "best_head": f"{best // heads + 1}-{best % heads + 1}",
                    "best_head_L": by_head[best],
                    "best_head_L5": precision(one.scores[best], contacts, L // 5),
                    "maximum_L": precision(most, contacts, L),
                    "maximum_L5": precision(most, contacts, L // 5),
                    "regression_L": precision(fitted, contacts, L),
                    "regression_L5": precision(fitted, contacts, L // 5),
                }
            )
    return pd.DataFrame(rows)


def _regress(others: Sequence[Solved], definition: str, one: Solved) -> NDArray[np.float64]:
    """Fit on other families, score one: shape (pairs,)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.concatenate([other.corrected for other in others], axis=1).T
    wanted = np.concatenate([other.contacts[definition] for other in others])
    # Attention is spread over few pairs here: unscaled, the penalty leaves no head at all.
    # liblinear draws the order of its steps: seeded.
    model = make_pipeline(
        StandardScaler(),
        LogisticRegression(
            l1_ratio=1.0, C=REGRESSION_C, solver="liblinear", random_state=0, max_iter=1000
        ),
    ).fit(features, wanted)
    scores: NDArray[np.float64] = model.decision_function(one.corrected.T)
    return scores


def solved_chains(folder: Path) -> list[tuple[Chain, NDArray[np.float64]]]:
    """Read the chains of a folder of structures, with their C-beta coordinates."""
    from precompute.datasets.dssp import choose_method
    from precompute.datasets.structure_file import parse_structure, structure_stem, unpack
    from precompute.datasets.structures import find_structures, label_chains

    found = []
    for file in find_structures(folder):
        model = parse_structure(unpack(file.read_bytes(), file.name), file.name)
        names = [f"{structure_stem(file)}.{chain.name.strip() or '_'}" for chain in model.chains]
        betas = np.full((len(model.residue_names), 3), np.nan)
        for name in (b"CA", b"CB"):  # glycine keeps its C-alpha
            atoms = np.flatnonzero(model.atom_names == name)
            betas[model.atom_residues[atoms]] = model.positions[atoms]
        labelled = label_chains(model, names, choose_method(None))
        for chain, place in zip(labelled, model.chains, strict=True):
            own = np.where((place.residues >= 0)[:, None], betas[place.residues], np.nan)
            found.append((chain, own))
    return found
