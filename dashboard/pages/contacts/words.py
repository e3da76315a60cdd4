"""What the Contacts page says."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.results.contacts import ContactRun, OpenedProtein

SEPARATIONS = {
    "all": "6 or more",
    "short": "Short, 6–11",
    "medium": "Medium, 12–23",
    "long": "Long, 24 or more",
}
MEASURES = {"L": "P@L", "L/2": "P@L/2", "L/5": "P@L/5", "average": "Average precision"}
ATOMS = {"alpha": "C-alpha", "beta": "C-beta"}
SHOWN = {
    "weight": "Weight, fitted here",
    "published_weight": "Weight in the checkpoint",
    "precision": "Precision alone",
}
LEGENDS = {
    "weight": "weight, fitted here",
    "published_weight": "weight in the checkpoint",
    "precision": "precision alone, %",
}
OF_LEARNT = {"weight", "precision"}
"""What of `SHOWN` comes from the proteins that are learnt from."""
OF_HEADS = (
    "Weights of a head's map in the regression. A head's precision alone is that of long range, "
    "L/2, on the proteins learnt from."
)
NEW = "cameo"
"""The dataset that is younger than models' training."""

EMPTY = (
    "No run of contacts is loaded: measure one with python -m precompute contacts and name its "
    "folder in ATLAS_RESULTS. Published values stand below."
)
NOT_SCORED = "None of the runs has proteins that can be scored so."
DEFINITION = (
    "Each pair of residues counts once, ties go against a method, and L is the number of residues "
    "with a place. A dot is a mean over proteins with its 95 % bootstrap interval, the protein "
    "being the unit; a ring is published, a tick is chance. A protein without a contact that far "
    "apart, or with fewer such pairs than L, is left out. Heads were ranked, and the regression "
    "fitted, on 20 proteins none of whose relatives is scored. Published values are of other "
    "proteins."
)


def unit_of(separation: str, measure: str, atoms: str) -> str:
    """Say what is measured, with its unit."""
    return f"{MEASURES[measure]} (%), {SEPARATIONS[separation].lower()} apart, {ATOMS[atoms]}"


def warning(runs: Sequence[ContactRun]) -> str:
    """Say of which runs the proteins are older than models' training; empty if of none."""
    old = list(dict.fromkeys(run.dataset for run in runs if run.dataset != NEW))
    if not old:
        return ""
    return (
        f"{' and '.join(old)}: a model has most likely seen these proteins, or their relatives, in "
        "training. On new proteins without relatives ESM-2's scores fall by 30 to 36 points "
        "(arXiv 2606.21876); the dataset cameo holds such proteins."
    )


def no_values(run: ContactRun, shown: str) -> str:
    """Say why nothing is known of each head."""
    if shown in OF_LEARNT:
        return f"The run {run.name} has no {LEGENDS[shown]}, of any head."
    return f"The checkpoint of {run.title} carries no regression of contacts."


def atoms_used(opened: OpenedProtein, asked: str) -> str:
    """Say which atoms a protein's contacts are of, where those asked for are not known."""
    if opened.atoms == asked:
        return ""
    return f"The places of its {ATOMS[asked]} atoms are not known; contacts are of C-alpha atoms."


def split(runs: Sequence[ContactRun]) -> str:
    """Say how families were found."""
    found = list(dict.fromkeys(run.split for run in runs))
    return f"Families: {'; '.join(found)}." if found else ""
