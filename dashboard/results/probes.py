"""Probes that were measured: which there are, and what they scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.results.frames import rows_of
from dashboard.results.kept import kept
from dashboard.results.loaded import find_newest, stamp_file
from dashboard.results.sources import Loaded, label_of_model, sample_of
from precompute.json_text import parse_json
from precompute.one_line import one_line
from precompute.probes.gather import CORRECTED, PAPER
from precompute.tables import PROBE_RUNS, PROBE_SCORES, known_runs, read_table

PROTOCOLS = {CORRECTED: "Corrected", PAPER: "As the paper"}
_KINDS = {"embeddings": "embedding", "attention": "attention"}


@dataclass(frozen=True)
class ProbeRun:
    """One probing: what a page says about it.

    Attributes
    ----------
    name, folder
        The run, and the results folder it is in.
    model, label, dataset
        What was probed; the label is what a reader sees.
    proteins
        How many there are, on both sides of a split.
    families
        How these were found, and how many proteins are scored; empty where it is not known.
    started
        When.
    """

    name: str
    folder: str
    model: str
    label: str
    dataset: str
    proteins: int
    families: str = ""
    started: str = ""

    @property
    def sample(self) -> str:
        """How many proteins there are."""
        return sample_of(self.proteins, self.proteins)

    @property
    def title(self) -> str:
        """Model, run and n in words."""
        return f"{self.label}, run {self.name}, {self.sample}"


def find_probes(loaded: Loaded) -> tuple[dict[str, ProbeRun], list[str]]:
    """Find the probings of all results folders by name, newest first; and what cannot be used."""
    runs, problems = find_newest(loaded.folders, _list)
    # Of a folder that cannot be used at all a page says so already.
    used = {run.folder for run in loaded.runs}
    return runs, [said for folder, said in problems.items() if folder in used]


@kept(64, lambda folder: stamp_file(folder, f"{PROBE_RUNS.name}.parquet"))
def _list(folder: str) -> Sequence[ProbeRun]:
    return [
        ProbeRun(
            row["run"],
            folder,
            row["model"],
            label_of_model(row["model"]),
            one_line(row["dataset"]),
            int(row["proteins"]),
            _families(row["notes"]),
            row["started"],
        )
        for row in rows_of(known_runs(folder, PROBE_RUNS))
    ]


@kept(64, lambda run, _: stamp_file(run.folder, f"{PROBE_SCORES.name}/{run.name}.parquet"))
def read_curves(run: ProbeRun, protocol: str) -> pd.DataFrame:
    """Read what a probing scored, as curves over the layers; do not change the frame.

    Returns
    -------
    pandas.DataFrame
        Columns of ``published_probes`` and ``lower``, ``upper``, ``proteins``, ``run`` and
        ``dataset``; the probe of a control is called ``embedding, shuffled``. Without a value
        there is no row.

    Raises
    ------
    AtlasError
        When the table cannot be read.
    """
    frame = read_table(
        run.folder, PROBE_SCORES, run=run.name, filters=[("protocol", "==", protocol)]
    ).dropna(subset=["value"])
    control = frame["control"].map(lambda name: "" if name == "none" else f", {one_line(name)}")
    return pd.DataFrame(
        {
            "model": run.model,
            "feature": frame["task"],
            "probe": frame["source"].map(lambda name: _KINDS.get(name, one_line(name))) + control,
            "layer": frame["layer"],
            "value": frame["value"],
            "metric": frame["score"].map(one_line),
            "lower": frame["lower"],
            "upper": frame["upper"],
            "proteins": frame["proteins"],
            "run": run.name,
            "dataset": run.dataset,
        }
    ).reset_index(drop=True)


def _families(notes: str) -> str:
    try:
        said = parse_json(notes)
    except ValueError:  # others' notes
        return ""
    return one_line(str(said.get("families", "")))[:400] if isinstance(said, dict) else ""
