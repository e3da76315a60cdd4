"""A head's plain-word label, by one rule that is written down here and nowhere else.

`label_head` is the rule, `RULE` says it in words; both take their numbers from the
constants below. `label_heads` applies it to every head of a head frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.features import FEATURES, MAXIMUM_OFFSET
from precompute.published import MINIMUM_ARCS

MINIMUM_SHARE = 0.25
"""A label must hold for at least one arc in four: what is rarer does not describe the head."""
MINIMUM_BITS = 0.5
"""What a label must tell about the target of an arc. Half a bit asks for a share of 18 % of a
property as rare as contacts (1.3 % of pairs) and of 76 % of one as common as helix (35 %)."""
SINK_SHARE = 0.5
"""A sink gives at least half of its residues' attention to special tokens."""
BROAD_ARCS_A_RESIDUE = 0.01
"""Broad: fewer than one residue in a hundred gives any other an arc."""
MOST_ALSO = 2
"""How many further properties a label names."""
AMINO_ACID_BOUND = 0.10
"""Background of an amino acid where none is known (published values): the commonest one,
leucine, is just under a tenth of known protein sequences, so the true background is lower
and the label errs towards none."""

SINK, BROAD, HARDLY, FEW, MIXED = (
    "special-token sink",
    "broad",
    "hardly any arcs (broad, or special tokens)",
    "too few arcs",
    "mixed",
)

RULE: tuple[str, ...] = (
    "For each property, the lower end p of the interval of its share (published values: the "
    "share less what the drawing's colours leave open) is set against its background b. What "
    "the property tells about the target of an arc is the relative entropy "
    "p·log₂(p/b) + (1 − p)·log₂((1 − p)/(1 − b)) bits, and 0 where p is not above b.",
    f"A property describes the head when p is at least {100 * MINIMUM_SHARE:g} % of the arcs and "
    f"the relative entropy at least {MINIMUM_BITS:g} bits. The one with most bits is the label; "
    f"up to {MOST_ALSO} more stand behind it.",
    "Positions compete as properties do: each offset from −10 to +10, the two offsets ±k "
    "together, and +3 with +4, −3 with −4, and all four, with the sum of their p and b. An offset "
    "of 3 or 4 is called helix when helix, too, is above its background.",
    f"Special-token sink: at least {100 * SINK_SHARE:g} % of the attention that residues give "
    "goes to special tokens; what describes the remaining arcs stands behind it.",
    f"Fewer than {MINIMUM_ARCS} arcs: broad when these are fewer than "
    f"{BROAD_ARCS_A_RESIDUE:g} a residue (no weight stands out), else too few arcs to say. For "
    "published values broad heads and sinks cannot be told apart.",
    "Mixed: enough arcs, and nothing describes them.",
    "Without a known background there is no label, but for amino acids: there b is taken as "
    f"{100 * AMINO_ACID_BOUND:g} %, more than any amino acid has.",
)
"""The rule in words, for readers."""


@dataclass(frozen=True)
class Evidence:
    """What is known of one property of a head.

    Attributes
    ----------
    lower
        Lower end of the interval of the share, as a fraction.
    background
        How often the property holds without regard to attention, as a fraction.
    """

    lower: float
    background: float

    @property
    def bits(self) -> float:
        """What the property tells about an arc's target: `relative_entropy`."""
        return relative_entropy(self.lower, self.background)

    @property
    def describes(self) -> bool:
        """Whether the property describes the head."""
        return self.lower >= MINIMUM_SHARE and self.bits >= MINIMUM_BITS


@dataclass(frozen=True)
class HeadLabel:
    """A head's label.

    Attributes
    ----------
    words
        The label.
    also
        What describes the head too, most telling first.
    bits
        Relative entropy of the label's property; 0 where it is none.
    """

    words: str
    also: tuple[str, ...] = ()
    bits: float = 0.0

    def __str__(self) -> str:
        """Write the label on one line."""
        return f"{self.words} (also {', '.join(self.also)})" if self.also else self.words


def relative_entropy(share: float, background: float) -> float:
    """Bits by which a share above the background tells more than the background does.

    The Kullback–Leibler divergence of two yes/no distributions.

    Returns
    -------
    float
        0 where the share is not above the background.
    """
    if not 0 < background < 1 or share <= background:
        return 0.0
    absent = (1 - share) * math.log2((1 - share) / (1 - background)) if share < 1 else 0.0
    return share * math.log2(share / background) + absent


def label_head(
    evidence: Mapping[str, Evidence],
    arcs: int | None,
    residues: int | None = None,
    special_share: float | None = None,
) -> HeadLabel:
    """Label one head; the rule is `RULE`.

    Parameters
    ----------
    evidence
        By feature, where interval and background are known.
    arcs
        Arcs of the head; None where only known to be at least `MINIMUM_ARCS`.
    residues
        Residues that attend; None where not known.
    special_share
        Mean share of their attention that goes to special tokens, from 0 to 1; None
        where not known.
    """
    told = _descriptions(evidence)
    if special_share is not None and special_share >= SINK_SHARE:
        few = arcs is not None and arcs < MINIMUM_ARCS
        return HeadLabel(SINK, () if few else tuple(words for words, _ in told[:MOST_ALSO]))
    if arcs is not None and arcs < MINIMUM_ARCS:
        if residues is None:
            return HeadLabel(HARDLY)
        return HeadLabel(BROAD if arcs < BROAD_ARCS_A_RESIDUE * residues else FEW)
    if not told:
        return HeadLabel(MIXED)
    return HeadLabel(told[0][0], tuple(words for words, _ in told[1 : 1 + MOST_ALSO]), told[0][1])


def _descriptions(evidence: Mapping[str, Evidence]) -> list[tuple[str, float]]:
    """Give what describes a head with its bits, most telling first; at most one position."""
    found = [
        (_property_words(name), own.bits)
        for name, own in evidence.items()
        if not name.startswith("offset:") and own.describes
    ]
    helix = evidence.get("secondary_structure:helix")
    in_helix = helix is not None and helix.lower > helix.background
    positions = [
        (_position_words(offsets, in_helix), own.bits)
        for offsets, own in _positions(evidence)
        if own.describes
    ]
    found += [max(positions, key=lambda position: position[1])] if positions else []
    return sorted(found, key=lambda description: (-description[1], description[0]))


def _positions(evidence: Mapping[str, Evidence]) -> Iterator[tuple[tuple[int, ...], Evidence]]:
    """Give the sets of offsets that compete, with their sums."""
    singles = [(offset,) for offset in range(-MAXIMUM_OFFSET, MAXIMUM_OFFSET + 1)]
    pairs = [(-offset, offset) for offset in range(1, MAXIMUM_OFFSET + 1)]
    for offsets in (*singles, *pairs, (3, 4), (-4, -3), (-4, -3, 3, 4)):
        own = [evidence.get(offset_feature(offset)) for offset in offsets]
        known = [one for one in own if one is not None]
        if len(known) == len(offsets):
            lower = min(sum(one.lower for one in known), 1.0)
            yield offsets, Evidence(lower, sum(one.background for one in known))


def offset_feature(offset: int) -> str:
    """Name the feature of an offset from −10 to +10."""
    return f"offset:{offset:+d}" if offset else "offset:0"


def _position_words(offsets: tuple[int, ...], in_helix: bool) -> str:
    plain = {(0,): "itself", (-1,): "previous residue", (1,): "next residue", (-1, 1): "neighbours"}
    if offsets in plain:
        return plain[offsets]
    steps = sorted({abs(offset) for offset in offsets})
    sign = "±" if len(offsets) > len(steps) else "+" if offsets[0] > 0 else "−"
    words = "/".join(f"i{sign}{step}" for step in steps)
    return f"helix {words}" if in_helix and set(steps) <= {3, 4} else words


def _property_words(name: str) -> str:
    if name == "secondary_structure:blank":
        return "no secondary structure"
    return FEATURES[name].label.split(" (")[0].lower()


def label_heads(
    frame: pd.DataFrame, special: pd.DataFrame | None = None
) -> dict[tuple[int, int], HeadLabel]:
    """Label every head of one model and source.

    Parameters
    ----------
    frame
        Head frame of all properties (`precompute.heads.HEAD_COLUMNS`).
    special
        The run's rows of ``special_attention``; None for published values.

    Returns
    -------
    dict
        By layer and head, from 1.
    """
    lower = frame["interval_lower"].fillna(frame["percent"] - frame["resolution"].fillna(0)) / 100
    background = frame["background_percent"] / 100
    bound = frame["feature"].str.startswith("amino_acid:") & background.isna()
    wide = pd.DataFrame(
        {
            "layer": frame["layer"],
            "head": frame["head"],
            "feature": frame["feature"],
            "lower": lower,
            "background": background.mask(bound, AMINO_ACID_BOUND),
            "arcs": frame["arcs"].astype("Float64"),
            "masked": frame["masked"],
        }
    )
    key = ["layer", "head"]
    shares = wide.pivot(index=key, columns="feature", values="lower")
    rates = wide.groupby("feature")["background"].first().reindex(shares.columns)
    by_head = wide.groupby(key)
    # Published samples differ by property: a head is without arcs if it is in all of them.
    arcs = by_head["arcs"].max().fillna(by_head["masked"].all().map({True: 0.0}))
    given = {} if special is None else _special(special)
    return {
        place: label_head(
            _evidence(list(shares.columns), row, rates.to_numpy(dtype=float)),
            None if pd.isna(count) else int(count),
            *given.get(place, (None, None)),
        )
        for place, row, count in zip(
            ((int(layer), int(head)) for layer, head in shares.index),
            shares.to_numpy(dtype=float),
            arcs,
            strict=True,
        )
    }


def _evidence(
    names: list[str], lower: NDArray[np.float64], background: NDArray[np.float64]
) -> dict[str, Evidence]:
    known = ~np.isnan(lower) & ~np.isnan(background)
    return {
        name: Evidence(float(share), float(rate))
        for name, share, rate, there in zip(names, lower, background, known, strict=True)
        if there
    }


def _special(special: pd.DataFrame) -> dict[tuple[int, int], tuple[int, float]]:
    """Give residues and the mean share of attention to special tokens, by layer and head."""
    rows = special[special["residues"] > 0]
    return {
        (int(layer), int(head)): (int(residues), float(weight) / int(residues))
        for layer, head, residues, weight in zip(
            rows["layer"], rows["head"], rows["residues"], rows["weight"], strict=True
        )
    }
