"""Where row attention ends by the conservation of columns: heads of a property for each quarter."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.results import loaded as results
from dashboard.results.heads import Frames, Heads
from dashboard.results.kept import kept
from dashboard.results.sources import HeadSource
from precompute.errors import AtlasError
from precompute.features import CONSERVATION_FEATURES
from precompute.heads import PUBLISHED, measured_heads
from precompute.tables import CONSERVATION_COUNTS


@kept(64, lambda source, *_: results.stamp_tables(source.run, CONSERVATION_COUNTS))
def read_conservation(source: HeadSource, threshold: str) -> Heads:
    """Give a run's heads by `precompute.features.CONSERVATION_FEATURES`.

    The background of a quarter is its share of the queries' residues; the sampling unit is the
    alignment.

    Parameters
    ----------
    source
        Of a run over alignments.
    threshold
        Attention from which on a weight is an arc, as addresses have it.

    Raises
    ------
    AtlasError
        When the table cannot be read, lacks the threshold, or contradicts itself.
    """
    run = source.run
    assert run is not None, "the paper has no alignments"
    table = results.run_table(run, CONSERVATION_COUNTS)
    own = table[(table["threshold"] - float(threshold)).abs() < 1e-6]
    if own.empty:
        raise AtlasError(
            f"The run {run.name} has no arcs by conservation at threshold {threshold}."
        )
    counts = own.assign(
        feature="conservation:" + own["quartile"].astype(str),
        proteins=own["alignments"],
        eligible=own["arcs"],
        hits_eligible=own["hits_arcs"],
        eligible_squared=own["arcs_squared"],
    )
    first = counts.groupby("feature", as_index=False)[["positives", "residues"]].first()
    background = first.rename(columns={"residues": "eligible"}).assign(definition="corrected")

    def make(features: Sequence[str]) -> pd.DataFrame:
        asked = counts[counts["feature"].isin(features)]
        return measured_heads(asked, background, run.name, run.layers, run.heads, features=features)

    return Heads(source, float(threshold), PUBLISHED, Frames(CONSERVATION_FEATURES, make))
