"""The properties an attention arc can have: one registry for every room of the project.

An arc goes from residue *i* (the row, which attends) to residue *j* (the column,
which is attended to). Most properties look only at *j*; contacts and offsets look
at the pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Target = Literal["residue", "pair"]

MAXIMUM_OFFSET = 10
MINIMUM_CONTACT_SEPARATION = 6
CONTACT_DISTANCE = 8.0

AMINO_ACIDS: dict[str, str] = {
    "A": "Alanine",
    "C": "Cysteine",
    "D": "Aspartate",
    "E": "Glutamate",
    "F": "Phenylalanine",
    "G": "Glycine",
    "H": "Histidine",
    "I": "Isoleucine",
    "K": "Lysine",
    "L": "Leucine",
    "M": "Methionine",
    "N": "Asparagine",
    "P": "Proline",
    "Q": "Glutamine",
    "R": "Arginine",
    "S": "Serine",
    "T": "Threonine",
    "V": "Valine",
    "W": "Tryptophan",
    "Y": "Tyrosine",
}

SECONDARY_STRUCTURES: tuple[str, ...] = ("helix", "strand", "turn_bend", "blank")
"""The paper's four classes, in the order of their codes 0 to 3."""

DSSP_CLASSES = "GHIBESTC"
"""DSSP's eight, in TAPE's order; C is the blank."""


@dataclass(frozen=True)
class Feature:
    """One property of an arc.

    Attributes
    ----------
    name
        Identifier in tables and URLs.
    label
        What a reader sees.
    group
        Heading under which a list of features shows it.
    target
        Whether the property belongs to the attended residue or to the pair.
    definition
        When an arc has the property.
    eligibility
        When the property is defined for an arc at all: the corrected denominator.
    in_paper
        Whether the paper has a heatmap of it.
    """

    name: str
    label: str
    group: str
    target: Target
    definition: str
    eligibility: str
    in_paper: bool = True


def _label_features() -> list[Feature]:
    labelled = "the attended residue carries a label"
    features = [
        Feature(
            "contact",
            "Contact",
            "Structure and function",
            "pair",
            f"the C-alpha atoms of the two residues are less than {CONTACT_DISTANCE:g} Å apart "
            f"and the residues at least {MINIMUM_CONTACT_SEPARATION} apart in the sequence",
            "both residues are resolved and at least "
            f"{MINIMUM_CONTACT_SEPARATION} apart in the sequence",
        ),
        Feature(
            "binding_site",
            "Binding site",
            "Structure and function",
            "residue",
            "the attended residue binds a ligand",
            labelled,
        ),
        Feature(
            "modification",
            "Modification",
            "Structure and function",
            "residue",
            "the attended residue carries a post-translational modification; two thirds of the "
            "residues labelled so are labelled as binding sites too",
            labelled,
        ),
    ]
    features.append(
        Feature(
            "own_site",
            "Own sites",
            "Structure and function",
            "residue",
            "the attended residue is in the list that was given with --sites",
            "the list names the attended residue's chain",
            in_paper=False,
        )
    )
    classes = {
        "helix": ("Helix", "a helix (DSSP G, H or I)"),
        "strand": ("Strand", "a strand or bridge (DSSP B or E)"),
        "turn_bend": ("Turn/bend", "a turn or bend (DSSP S or T)"),
        "blank": ("No class", "none of the classes (DSSP blank)"),
    }
    features += [
        Feature(
            f"secondary_structure:{name}",
            classes[name][0],
            "Secondary structure",
            "residue",
            f"the attended residue is in {classes[name][1]}",
            labelled,
        )
        for name in SECONDARY_STRUCTURES
    ]
    features += [
        Feature(
            f"amino_acid:{letter}",
            f"{name} ({letter})",
            "Amino acids",
            "residue",
            f"the attended residue is {name.lower()}",
            "the attended residue is known (not X)",
        )
        for letter, name in AMINO_ACIDS.items()
    ]
    return features


def _offset_features() -> list[Feature]:
    near = [
        Feature(
            f"offset:{offset:+d}" if offset else "offset:0",
            "Itself" if offset == 0 else f"Offset {offset:+d}",
            "Position of the target",
            "pair",
            "the residue attends to itself"
            if offset == 0
            else f"the attended residue stands {abs(offset)} "
            f"{'after' if offset > 0 else 'before'} the attending one",
            "every arc, of a model whose residues attend to those behind them too"
            if offset > 0
            else "every arc",
            in_paper=False,
        )
        for offset in range(-MAXIMUM_OFFSET, MAXIMUM_OFFSET + 1)
    ]
    far = Feature(
        "offset:far",
        f"Further than {MAXIMUM_OFFSET}",
        "Position of the target",
        "pair",
        f"the two residues are more than {MAXIMUM_OFFSET} apart in the sequence",
        "every arc",
        in_paper=False,
    )
    return [*near, far]


def _conservation_features() -> list[Feature]:
    labels = {
        1: "Most conserved columns",
        2: "Second quarter of columns",
        3: "Third quarter of columns",
        4: "Most variable columns",
    }
    return [
        Feature(
            f"conservation:{quarter}",
            label,
            "Conservation of the column",
            "residue",
            f"the attended residue’s column is in quarter {quarter} of the alignment’s columns by "
            "the entropy of their amino acids, 1 being the lowest",
            "every arc, of a model that reads alignments",
            in_paper=False,
        )
        for quarter, label in labels.items()
    ]


FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in [*_label_features(), *_offset_features(), *_conservation_features()]
}
"""Every feature by name, in the order in which lists show them."""

PAPER_FEATURES: tuple[str, ...] = tuple(name for name, f in FEATURES.items() if f.in_paper)
"""The 27 features the paper has heatmaps of."""

AMINO_ACID_FEATURES: tuple[str, ...] = tuple(f"amino_acid:{letter}" for letter in AMINO_ACIDS)
SECONDARY_STRUCTURE_FEATURES: tuple[str, ...] = tuple(
    f"secondary_structure:{name}" for name in SECONDARY_STRUCTURES
)
OFFSET_FEATURES: tuple[str, ...] = tuple(name for name in FEATURES if name.startswith("offset:"))
CONSERVATION_FEATURES: tuple[str, ...] = tuple(
    name for name in FEATURES if name.startswith("conservation:")
)
"""Of runs over alignments, by quarter; counted apart (`precompute.conservation`)."""
SHOWN_FEATURES: tuple[str, ...] = tuple(
    name for name in FEATURES if name not in (*OFFSET_FEATURES, *CONSERVATION_FEATURES)
)
"""What pages show head by head, the paper's 27 and others; the rest have figures of their own."""
