"""What can be chosen on the Live page, and so stands in its address.

===============  ============================================================  ============
parameter        value                                                         default
===============  ============================================================  ============
``protein``      ``example:NAME``, ``pdb:ID``, ``uniprot:ACCESSION``,          an example
                 ``alignment:NAME``; ``alignment:own``, one's own
``kind``         how a protein is asked for, where it is not that of           the protein's
                 ``protein``: ``example``, ``pdb``, ``uniprot``, ``upload``,
                 ``sequence``, ``alignment``
``chain``        name of the chain                                             the first
``second``       a second protein, named as the first                          none
``second_kind``  how it is asked for, where it is not that of ``second``:      the second's
                 as ``kind``, or ``chain`` for another chain of the first
``second_chain`` name of its chain                                             the first
``model``        a model of the registry                                       the demo
``depth``        rows of an alignment that are read, at most                   128
``thin``         which of more: ``diverse``, ``first``, ``random``, …          ``diverse``
``layer``        layer, from 1                                                 chosen
``head``         head, from 1                                                  chosen
``also``         another head, ``layer-head``; repeated for several, at most   none
                 three
``threshold``    smallest weight of an arc                                     0.30
``direction``    ``each``, ``larger`` or ``mean``                              ``each``
``separation``   smallest distance in the sequence                             0
``most``         the strongest so many arcs                                    200
``arrows``       ``yes``: arcs show their direction                            ``no``
``colour``       of arcs: ``contact``, ``separation``, ``one``                 ``contact``
``residues``     colour of residues: ``attention``, ``structure``, ``chain``,  ``attention``
                 ``grey``
``sites``        ``no``: binding sites are not marked                          ``yes``
``labels``       how many of the most attended residues are named              0
``residue``      the marked residue, as its authors number it                  none
``by``           what heads are compared by: a property, ``marked``,           ``contact``
                 ``selection``, ``crossing`` of two proteins
``selection``    residues of one's own, such as ``A:45-60,A:72``               none
``together``     ``yes``: the mean of the best heads for contacts is shown     ``no``
``best``         heads of that mean                                            10
``pair``         the marked pair, as its authors number it: ``45:120``         none
===============  ============================================================  ============

A protein of the visitor's own, uploaded or pasted, never stands in an address, nor do
places in it; ``kind`` says that there was one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from dashboard.page.address import Choices
from dashboard.page.parameters import Parameter, Value, say_ignored, shorten
from dashboard.pages.live.offered import MOST, SEPARATIONS, THRESHOLDS
from precompute.contacts.means import MEAN_DRAWN
from precompute.contacts.means import MOST_HEADS as MOST_HEADS_TOGETHER
from precompute.features import FEATURES
from precompute.live.arc_colours import COLOURINGS
from precompute.live.arcs import DIRECTIONS
from precompute.live.getting.family import DEPTHS, RULES
from precompute.live.getting.inputs import public_source
from precompute.live.residue_list import LONGEST_LIST

KINDS: dict[str, str] = {
    "example": "Example",
    "pdb": "PDB entry",
    "uniprot": "UniProt",
    "upload": "File",
    "sequence": "Sequence",
    "alignment": "Alignment",
}
"""Ways to a protein."""
SECOND_KINDS: dict[str, str] = {
    "none": "None",
    "chain": "Other chain",
    **{kind: label for kind, label in KINDS.items() if kind != "alignment"},
}
"""Ways to a second protein."""
OWN_KINDS = ("upload", "sequence")
"""Those that give a protein of the visitor's own."""
OWN_ALIGNMENT = "alignment:own"
"""What `protein` says of an alignment of the visitor's own."""
LABELS: tuple[str, ...] = ("0", "5", "10", "20")
RESIDUES: dict[str, str] = {
    "attention": "Attention received",
    "structure": "Secondary structure",
    "chain": "Chain",
    "grey": "Grey",
}
MARKED, SELECTION, CROSSING = "marked", "selection", "crossing"
MOST_HEADS = 4
"""Heads that are drawn at once, each in its own colour."""

_PLACE = re.compile(r"[1-9][0-9]{0,2}")
_HEAD = re.compile(r"[1-9][0-9]{0,2}-[1-9][0-9]{0,2}")
_CHAIN = re.compile(r"[A-Za-z0-9_.+*-]{1,20}")
_RESIDUE = re.compile(r"-?\d{1,5}[A-Za-z]?|#\d{1,5}")
_PAIR = re.compile(rf"(?:{_RESIDUE.pattern}):(?:{_RESIDUE.pattern})")
_SELECTION = re.compile(rf"[-0-9A-Za-z_.+*,;:– ]{{1,{LONGEST_LIST}}}")


class LiveChoices(Choices):
    """The choices of the Live page in one visit."""

    own = "live"
    """Begins the keys of the widgets that ask for a protein."""
    beside = ""
    """A protein that is there already and so is not offered."""

    @property
    def kind(self) -> str:
        """How a protein is asked for."""
        return str(self["kind"] or kind_of(self["protein"]))

    def read(self, address: Mapping[str, Sequence[str]]) -> tuple[dict[str, Value], list[str]]:
        """Read the choices of an address; a protein that it names is asked for as its name says."""
        values, notes = super().read(address)
        for name, kind in (("protein", "kind"), ("second", "second_kind")):
            protein, asked = str(values[name]), str(values[kind])
            if protein in address.get(name, ()) and asked not in ("", kind_of(protein)):
                why = f"{name} = {shorten(protein)} is asked for otherwise"
                notes.append(f"{say_ignored(kind, asked)[:-1]}: {why}.")
                values[kind] = ""
        return values, notes

    def write(self, values: Mapping[str, Value]) -> dict[str, list[str]]:
        """Write choices as query parameters; a visitor's own protein never stands there."""
        protein = self.parameters["protein"].default
        written = dict(values)
        if values["kind"] in OWN_KINDS:
            written |= {"protein": protein, "chain": "", "residue": "", "selection": "", "pair": ""}
        elif values["kind"] == kind_of(str(values["protein"])):
            written["kind"] = ""
        second = values["second_kind"]
        if second in OWN_KINDS or (second == "chain" and values["kind"] in OWN_KINDS):
            written |= {"second": "", "second_chain": "", "residue": "", "selection": ""}
        elif second == "none":
            written |= {"second": "", "second_kind": "", "second_chain": ""}
        elif second == "chain":
            written["second"] = ""
        elif second == kind_of(str(values["second"])):
            written["second_kind"] = ""
        if not _SELECTION.fullmatch(str(values["selection"])):
            written["selection"] = ""
        if values["protein"] == OWN_ALIGNMENT:
            written |= {"chain": "", "residue": "", "selection": "", "pair": ""}
        return super().write(written)


def kind_of(protein: str) -> str:
    """Tell how one asks for a protein that an address names."""
    return protein.partition(":")[0]


def live_choices(models: Collection[str], protein: str) -> LiveChoices:
    """Read what is chosen.

    Parameters
    ----------
    models
        Names of the models that can be chosen, the default one first.
    protein
        The protein that is shown where the address names none.
    """

    def matches(pattern: re.Pattern[str], text: str) -> bool:
        return pattern.fullmatch(text) is not None

    return LiveChoices(
        "live",
        (
            Parameter(
                "protein", lambda text: text == OWN_ALIGNMENT or public_source(text), protein
            ),
            Parameter("kind", KINDS, ""),
            Parameter("chain", lambda text: matches(_CHAIN, text), ""),
            Parameter("second", public_source, ""),
            Parameter("second_kind", SECOND_KINDS, ""),
            Parameter("second_chain", lambda text: matches(_CHAIN, text), ""),
            Parameter("model", models, next(iter(models), "")),
            Parameter("depth", tuple(map(str, DEPTHS)), "128"),
            Parameter("thin", RULES, "diverse"),
            Parameter("layer", lambda text: matches(_PLACE, text), ""),
            Parameter("head", lambda text: matches(_PLACE, text), ""),
            Parameter("also", lambda text: matches(_HEAD, text), (), most=MOST_HEADS - 1),
            Parameter("threshold", THRESHOLDS, "0.30"),
            Parameter("direction", DIRECTIONS, "each"),
            Parameter("separation", SEPARATIONS, "0"),
            Parameter("most", MOST, "200"),
            Parameter("arrows", {"no": "No", "yes": "Yes"}, "no"),
            Parameter("colour", COLOURINGS, "contact"),
            Parameter("residues", RESIDUES, "attention"),
            Parameter("sites", {"yes": "Shown", "no": "Hidden"}, "yes"),
            Parameter("labels", LABELS, "0"),
            Parameter("residue", lambda text: matches(_RESIDUE, text), ""),
            Parameter("by", (*FEATURES, MARKED, SELECTION, CROSSING), "contact"),
            # What is typed stays, right or wrong; an address holds nothing that is no list.
            Parameter(
                "selection", lambda _: True, "", fits=lambda text, _: matches(_SELECTION, text)
            ),
            Parameter("together", {"no": "Hidden", "yes": "Shown"}, "no"),
            Parameter(
                "best",
                [str(number) for number in range(1, MOST_HEADS_TOGETHER + 1)],
                str(MEAN_DRAWN),
            ),
            Parameter("pair", lambda text: matches(_PAIR, text), ""),
        ),
    )
