"""Runs of other things than heads' shares: contacts, probes and pairs of proteins."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.results.contacts import find_contact_runs
from dashboard.results.probes import find_probes
from dashboard.results.protein_pairs import find_pair_runs
from dashboard.results.sources import Loaded


@dataclass(frozen=True)
class OtherRun:
    """What a visitor reads of such a run.

    Attributes
    ----------
    kind
        What was measured; begins a sentence.
    page
        The page that shows it, as the menu calls it.
    name, label, dataset, sample
        The run, its model in words, its data, and how many proteins or pairs it rests on.
    """

    kind: str
    page: str
    name: str
    label: str
    dataset: str
    sample: str

    @property
    def title(self) -> str:
        """Kind, model, data and n in words."""
        return f"{self.kind}: {self.label}, {self.dataset}, {self.sample}"


def find_other_runs(loaded: Loaded) -> tuple[OtherRun, ...]:
    """List them kind by kind, the newest of each first; what cannot be read its own page says."""
    kinds = (
        ("Contacts", "Contacts", find_contact_runs(loaded.folders)[0].values()),
        ("Probes", "Layers", find_probes(loaded)[0].values()),
        ("Pairs", "Compare", find_pair_runs(loaded)[0]),
    )
    return tuple(
        OtherRun(kind, page, run.name, run.label, run.dataset, run.sample)
        for kind, page, runs in kinds
        for run in runs
    )
