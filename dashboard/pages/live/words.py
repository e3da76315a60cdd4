"""What figures of one protein say: which arcs they show, what colours mean, what a share is."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.page.names import tell_apart
from dashboard.pages.live.arcs.arc_diagram_screen import CLASS_COLOURS
from precompute.features import FEATURES
from precompute.live import arcs as arc
from precompute.live.arc_colours import HEAD_COLOURS, Key, legend
from precompute.live.arcs import Head
from precompute.live.getting.protein import Protein, plain
from precompute.live.running.attention import SparseAttention


def residue_labels(protein: Protein) -> list[str]:
    """Give what an axis calls each residue: the authors' number, or the place."""
    return [protein.number(place) for place in range(len(protein))]


def residue_names(protein: Protein) -> list[str]:
    """Name each residue by letter and authors' number, each by another name."""
    return tell_apart([protein.label(place) for place in range(len(protein))])


def map_title(protein: Protein, name: str, floor: float) -> tuple[str, str]:
    """Write the two lines above a head's map; `name` is that of model and head."""
    what = plain(protein.identifier, 24)
    weights = "at least" if protein.family is not None else "attention of at least"
    return name, f"{what}: {weights} {floor:g}, {protein.sample}"


def heads_title(protein: Protein, what: str) -> tuple[str, str]:
    """Write the two lines above the map of all heads, by what they are compared."""
    return what, f"{plain(protein.identifier, 24)}, {protein.sample}"


def rule_words(rule: arc.Rule) -> str:
    """Say which arcs count: weight, direction, distance."""
    kind = {"each": "", "larger": ", larger of both directions", "mean": ", mean of both"}
    apart = f", residues at least {rule.separation} apart" if rule.separation else ""
    return f"attention of at least {rule.threshold:.2f}{kind[rule.direction]}{apart}"


def structure_keys() -> tuple[Key, ...]:
    """Say what the colours of secondary structure mean."""
    names = {"helix": "helix", "strand": "strand", "turn_bend": "turn or bend"}
    return tuple(Key(CLASS_COLOURS[name], words) for name, words in names.items())


def arc_keys(heads: Sequence[Head], colouring: str, *, two: bool = False) -> tuple[Key, ...]:
    """Say what the colours of arcs mean; several heads have a colour each."""
    if len(heads) > 1:
        return tuple(
            Key(HEAD_COLOURS[number], f"head {layer}-{head}")
            for number, (layer, head) in enumerate(heads)
        )
    return legend(colouring, two=two)


def few_words(threshold: float) -> str:
    """Say which heads are grey."""
    return f"Grey: fewer than {arc.MINIMUM_ARCS} arcs of at least {threshold:.2f}."


def feature_words(protein: Protein, attention: SparseAttention, by: str, few: str) -> str:
    """Say what a head's share of arcs with a property is, of whom, and the background."""
    rate = arc.background(arc.labelled_chain(protein), by, attention)
    base = f"; background {rate:.1f} %" if rate == rate else ""
    label = FEATURES[by].label
    return (
        f"Share of each head’s arcs with the property {label} on this protein, "
        f"{protein.sample}, {int(attention.read.sum())} residues read{base}. {few}"
    )
