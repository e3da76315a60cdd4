"""Links from one page to another: what their addresses hold."""

from __future__ import annotations

from dashboard.results.head import Asked, Head
from precompute.published import THRESHOLD

DEFAULT = Asked()
"""What the Heads page shows where its address says nothing."""


def heads_address(head: Head, feature: str = DEFAULT.feature) -> dict[str, list[str]]:
    """Give the query parameters that open a head on the Heads page, with a property's heads."""
    given = {"head": [str(head)]}
    if head.model not in DEFAULT.models:
        given = {"models": [head.model], **given}
    return given if feature == DEFAULT.feature else {"feature": [feature], **given}


def measured_address(run: str, threshold: float = THRESHOLD) -> dict[str, list[str]]:
    """Give the query parameters that show a run's heads on the Heads page, and no published."""
    given = {"results": ["measured"], "run": [run]}
    return given if threshold == THRESHOLD else {**given, "threshold": [f"{threshold:.2f}"]}


def live_address(head: Head, protein: str = "", chain: str = "") -> dict[str, list[str]]:
    """Give the query parameters that open a head on the Live page, on a protein if one is named."""
    given = {
        "model": head.model,
        "layer": str(head.layer),
        "head": str(head.head),
        "protein": protein,
        "chain": chain,
    }
    return {name: [value] for name, value in given.items() if value}


def anchor_of(feature: str) -> str:
    """Name the place on the Methods page that defines a property.

    Parameters
    ----------
    feature
        A name of `precompute.features.FEATURES`; those of one kind, such as the amino
        acids, are defined together.

    Returns
    -------
    str
        What follows ``/Methods#``.
    """
    return feature.split(":")[0].replace("_", "-")
