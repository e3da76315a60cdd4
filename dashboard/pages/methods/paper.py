"""Where the paper is inconsistent, and what is done about it; in words."""

from __future__ import annotations

from precompute.features import CONTACT_DISTANCE, MINIMUM_CONTACT_SEPARATION
from precompute.published import MINIMUM_ARCS

INCONSISTENCIES: tuple[tuple[str, str], ...] = (
    (
        "For contacts the heads’ denominator is every arc, the background’s only resolved pairs "
        f"at least {MINIMUM_CONTACT_SEPARATION} apart.",
        "The paper’s share is the default; measured runs have the share of "
        "[eligible arcs](#corrected-share) with the matching background beside it.",
    ),
    (
        "Arcs of one protein are not independent, so Wald intervals are too narrow; and they "
        "break down near 0 and 100 %.",
        "[Intervals](#protein-interval) and [z](#z) take the protein for the sampling unit; the "
        "paper’s interval is shown beside them.",
    ),
    (
        "Each model saw another sample of 5,000 proteins: the random generator is used by the "
        "model’s construction before the sample is drawn.",
        "The sample depends on data set and seed alone, and the run keeps its proteins’ ids.",
    ),
    (
        f"At least {MINIMUM_ARCS} arcs in the heatmaps, more than {MINIMUM_ARCS} in the charts of "
        "highest heads; 510 residues of a protein for heads, 511 or 512 for backgrounds.",
        f"At least {MINIMUM_ARCS} everywhere; corrected backgrounds count the very residues that "
        "the heads were measured on.",
    ),
    (
        "ProtXLNet silently skips proteins whose number of tokens changes.",
        "None is skipped in silence: a run counts what was left out or cut, and why. Published "
        "values of ProtXLNet say n ≤ 5,000.",
    ),
    (
        "Two thirds (67.9 % in the validation split) of the residues labelled as modified are "
        "labelled as binding sites too, so the two maps are not independent.",
        "Kept, and said with the property’s definition.",
    ),
)
"""What the paper does, and what is done here."""

CONTACT_NOTE = (
    f"Contacts are those of the paper: C-alpha atoms less than {CONTACT_DISTANCE:g} Å apart. Work "
    "on contact prediction mostly uses C-beta atoms."
)
