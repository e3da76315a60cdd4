"""Write the demo model's card: what it is, what it learnt from, what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from precompute.demo.families import HELD_OUT, NAMES, Family
from precompute.errors import AtlasError

_ARCS = "**Arcs that are contacts**"


def write_card(
    path: Path,
    families: Sequence[Family],
    recipe: dict[str, Any],
    trained: dict[str, Any],
    perplexity: pd.DataFrame,
    contacts: pd.DataFrame,
    arcs: pd.DataFrame,
) -> None:
    """Write the card in Markdown.

    Parameters
    ----------
    path
        The file.
    families
        What the model was trained on.
    recipe
        `precompute.demo.training.Recipe` as a dictionary.
    trained
        ``parameters``, ``seconds`` and ``final_loss`` of the training.
    perplexity, contacts
        As `precompute.demo.build.measure_quality` gives them.
    arcs
        Rows of `eligible_arcs`.
    """
    names = "\n".join(
        f"| {family.accession} | {NAMES.get(family.accession, '')} | {len(family):,} | "
        f"{family.columns} |"
        for family in families
    )
    heads = recipe["layers"] * recipe["heads"]
    text = f"""---
license: bsd-3-clause
tags: [protein, attention, masked-language-model]
---
# Demo: {len(families)} families, trained here

A small masked language model of BERT's architecture ({recipe["layers"]} × {recipe["heads"]} heads,
width {recipe["width"]}, {trained["parameters"]:,} parameters) that ships with Protein Attention
Atlas, so that its pages work without a network. **It is a model of {len(families)} protein
families, not of proteins**: a sequence of another family is refused. Its results are never mixed
into those of published models.

## What it sees

A sequence in the columns of its family's alignment: one token a column, a gap where the sequence
has none; positions are the family's offset plus the column. Profile HMMs built from the same
alignments (HMMER, through pyhmmer) find the family and the columns. Residues without a column
(insertions, and what lies outside the domain) have no attention.

## What it learnt from

Sequences alone; no structure was used in training. Pfam alignments filtered at 80 % identity
(Kortemme-Lab/covariation, MIT licence); sequences weighted by their near copies at 80 % identity;
{HELD_OUT:.0%} of each family held out.

| family | name | sequences | columns |
|---|---|---|---|
{names}

{recipe["steps"]:,} steps of {recipe["batch"]} sequences of one family each, AdamW, highest learning
rate {recipe["rate"]:g}, cosine, weight decay {recipe["decay"]:g}, {recipe["hidden_share"]:.0%} of
the residues hidden, seed {recipe["seed"]}; {trained["seconds"] / 60:.0f} minutes on a shared CPU.
`python -m precompute train-demo FAMILIES_DIR --out DIR` trains it anew.

## What was measured

**Perplexity of hidden residues in held-out sequences** (15 % hidden at a time, four rounds, over
the twenty amino acids), beside that of the weighted column frequencies of the training sequences,
on the same residues:

{_table(perplexity, {"perplexity": "{:.2f}", "profile_perplexity": "{:.2f}"})}

**Contacts it was never shown**, in one solved chain a family. Pairs at least 6 apart in the
sequence; a head's score of a pair is the mean of both directions of its attention. `best head`
is the head of highest precision at L on this very chain (the best of {heads}, so it reads high);
`maximum` is the largest score of any head; `regression` is an L1 logistic
regression over all heads (average product correction, scaled to unit variance, C = 0.15) fit on
the other families only.
L is the number of residues with a column.

{_contacts(contacts, "alpha", "C-alpha < 8 Å, the paper’s definition")}

{_contacts(contacts, "beta", "C-beta < 8 Å")}

{_ARCS} (C-alpha; all chains of the shipped run over structures; arcs between
resolved residues at least 6 apart; the interval takes the protein for the sampling unit, 95 %).
Heads with at least 20 such arcs at the threshold, the ten of highest share:

{_table(arcs, {})}

## Limits

A handful of families, one solved chain of each; what heads do here says nothing about heads of
large models. Attention of a head is sharp for some columns and flat for others. Two domains in one
sequence: only the higher-scoring one is read. Heads learn what tells subfamilies apart as well as
contacts.
"""
    path.write_text(text, encoding="utf-8")


def replace_arcs(path: Path, arcs: pd.DataFrame) -> None:
    """Put another table of arcs that are contacts into a card, and leave the rest as it is.

    Parameters
    ----------
    path
        The card.
    arcs
        Rows of `eligible_arcs`.
    """
    before, heading, after = path.read_text(encoding="utf-8").partition(_ARCS)
    words, header, _ = after.partition("| attention ≥")
    if not (heading and header):
        raise AtlasError(f"{path} has no table of arcs that are contacts: make the card anew.")
    below = after[after.index("\n\n## Limits") :]
    path.write_text(before + heading + words + _table(arcs, {}) + below, encoding="utf-8")


def _contacts(contacts: pd.DataFrame, definition: str, label: str) -> str:
    own = contacts[contacts["contact"] == definition]
    rows = pd.DataFrame(
        {
            "family": own["family"],
            "chain": own["chain"],
            "L": own["L"],
            "background": own["background"],
            "best head": own["best_head"],
            "its P@L": own["best_head_L"],
            "its P@L/5": own["best_head_L5"],
            "maximum P@L": own["maximum_L"],
            "maximum P@L/5": own["maximum_L5"],
            "regression P@L": own["regression_L"],
            "regression P@L/5": own["regression_L5"],
        }
    )
    numbers = {name: "{:.2f}" for name in rows.columns if "P@" in name} | {"background": "{:.3f}"}
    return f"{label}:\n\n{_table(rows, numbers)}"


def _table(frame: pd.DataFrame, formats: dict[str, str]) -> str:
    """Write a frame as a Markdown table."""
    header = [str(name) for name in frame.columns]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for row in frame.to_dict("records"):
        cells = [
            formats[name].format(value) if name in formats else str(value)
            for name, value in row.items()
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def eligible_arcs(counts: pd.DataFrame, thresholds: Sequence[float] = (0.1, 0.3)) -> pd.DataFrame:
    """Give each head's share of eligible arcs that are contacts, with interval and n.

    Parameters
    ----------
    counts
        Rows of ``head_counts`` of the run over structures.
    thresholds
        Of attention.

    Returns
    -------
    pandas.DataFrame
        At most ten heads a threshold, highest share first.
    """
    from precompute.statistics import protein_interval, share

    parts = []
    for threshold in thresholds:
        own = counts[
            (counts["feature"] == "contact")
            & ((counts["threshold"] - threshold).abs() < 1e-6)
            & (counts["eligible"] >= 20)
        ]
        interval = protein_interval(
            own["hits"],
            own["eligible"],
            own["proteins"],
            own["hits_squared"],
            own["hits_eligible"],
            own["eligible_squared"],
            0.05,
        )
        parts.append(
            pd.DataFrame(
                {
                    "attention ≥": threshold,
                    "head": own["layer"].astype(str) + "-" + own["head"].astype(str),
                    "hits / eligible arcs": own["hits"].astype(str)
                    + " / "
                    + own["eligible"].astype(str),
                    "share, %": (100 * share(own["hits"], own["eligible"])).round(1),
                    "interval, %": [
                        f"{100 * low:.1f} to {100 * high:.1f}"
                        for low, high in zip(interval.lower, interval.upper, strict=True)
                    ],
                    "proteins": own["proteins"],
                }
            )
            .sort_values("share, %", ascending=False, kind="stable")
            .head(10)
        )
    return pd.concat(parts, ignore_index=True)
