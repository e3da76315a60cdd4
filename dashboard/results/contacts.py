"""Runs of contacts that are loaded, and the frames that the page and the shell draw of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.results.folders import results_folders
from dashboard.results.frames import rows_of
from dashboard.results.kept import kept
from dashboard.results.loaded import find_newest, stamp_list, stamp_tables
from dashboard.results.reader import read_checkpoint
from dashboard.results.sources import label_of_model, sample_of
from precompute.chain import Chain
from precompute.contacts.means import MEAN_DRAWN
from precompute.contacts.pairs import find_pairs
from precompute.errors import AtlasError
from precompute.models.weights import Remembered
from precompute.one_line import one_line
from precompute.published import read_published
from precompute.tables import (
    CONTACT_HEADS,
    CONTACT_MAPS,
    CONTACT_PRECISION,
    CONTACT_PROTEINS,
    CONTACT_RUN_TABLES,
    CONTACT_RUNS,
    PUBLISHED_CONTACTS,
    Table,
    known_runs,
    read_table,
)

METHODS = {
    "best": "best head",
    "mean": "mean of the best heads",
    "regression": "regression, fitted here",
    "published_regression": "regression of the checkpoint",
    "jacobian": "categorical Jacobian",
}


@dataclass(frozen=True)
class ContactRun:
    """One run of contacts: what a page says about it."""

    name: str
    folder: str
    model: str
    label: str
    dataset: str
    proteins: int
    learnt: int
    layers: int
    heads: int
    split: str
    atoms: str
    started: str
    checkpoint: Remembered | None = None
    state: str = ""
    """Of its files: another once one of them is written anew."""

    @property
    def title(self) -> str:
        """Model and dataset in words."""
        return f"{self.label}, {self.dataset}"

    @property
    def sample(self) -> str:
        """How many proteins are scored."""
        return self.sample_of(self.proteins)

    def sample_of(self, counted: int) -> str:
        """Say the same of values that rest on some of them."""
        return sample_of(counted, self.proteins)


@kept(64, lambda folder: stamp_list(folder, CONTACT_RUNS))
def _read_runs(folder: str) -> tuple[ContactRun, ...]:
    rows = rows_of(known_runs(folder, CONTACT_RUNS))
    return tuple(
        ContactRun(
            name=row["run"],
            folder=folder,
            model=row["model"],
            label=label_of_model(row["model"]),
            dataset=one_line(row["dataset"]),
            proteins=int(row["proteins"]),
            learnt=len(row["learnt_ids"]),
            layers=int(row["layers"]),
            heads=int(row["heads"]),
            split=one_line(row["split"]),
            atoms=row["atoms"],
            started=row["started"],
            checkpoint=read_checkpoint(folder, row),
        )
        for row in rows
    )


def find_contact_runs(
    folders: Sequence[str] | None = None,
) -> tuple[dict[str, ContactRun], list[str]]:
    """Find the runs of contacts of some results folders, newest first, and what cannot be read.

    Parameters
    ----------
    folders
        Paths or URLs; those that the dashboard reads by default.
    """
    runs, problems = find_newest(
        results_folders() if folders is None else folders,
        lambda folder: [
            replace(run, state=stamp_tables(run, *CONTACT_RUN_TABLES)) for run in _read_runs(folder)
        ],
    )
    return runs, list(problems.values())


@kept(64)
def contact_table(run: ContactRun, table: Table) -> pd.DataFrame:
    """Read one of a run's tables."""
    return read_table(run.folder, table, run=run.name)


@kept(128)
def precision_frame(run: ContactRun, separation: str, measure: str, atoms: str) -> pd.DataFrame:
    """Give the rows of a range, measure and kind of atoms, in percent; maybe none."""
    table = contact_table(run, CONTACT_PRECISION)
    chosen = (table["separation"] == separation) & (table["measure"] == measure)
    own = table[chosen & (table["atoms"] == atoms)].reset_index(drop=True)
    for name in ("precision", "lower", "upper"):
        own[name] = 100 * own[name]
    return own.rename(columns={"precision": "percent"})


def samples(
    runs: Sequence[ContactRun], separation: str, measure: str, atoms: str
) -> dict[str, str]:
    """Say of each run, by its name, how many proteins have such pairs."""
    frames = [(run, precision_frame(run, separation, measure, atoms)) for run in runs]
    return {run.name: run.sample_of(int(own["proteins"].max())) for run, own in frames if len(own)}


@kept(128)
def comparison_frame(
    runs: Sequence[ContactRun], separation: str, measure: str, atoms: str
) -> pd.DataFrame:
    """Set runs side by side, method by method, and what is published of their models below.

    Returns
    -------
    pandas.DataFrame
        ``run`` (empty where published), ``model``, ``method``, ``test_set``, ``percent``,
        ``lower``, ``upper``, ``chance``, ``proteins`` (missing where published) and ``published``.
    """
    rows = []
    for run in runs:
        own = precision_frame(run, separation, measure, atoms)
        chance = own.loc[own["method"] == "chance", "percent"].max()
        most = own.loc[own["method"] == "mean", "heads"].max()
        for row in rows_of(own):
            method, heads = row["method"], row["heads"]
            if method == "chance" or (method == "mean" and heads not in (1, min(MEAN_DRAWN, most))):
                continue
            named = (
                METHODS["best"] if method == "mean" and heads == 1 else METHODS.get(method, method)
            )
            if method == "mean" and heads > 1:
                named = f"mean of {heads} heads"
            rows.append(
                {
                    "run": run.name,
                    "model": run.label,
                    "method": named,
                    "test_set": run.dataset,
                    **{name: row[name] for name in ("percent", "lower", "upper", "proteins")},
                    "chance": chance,
                    "published": False,
                }
            )
    known = read_published(PUBLISHED_CONTACTS)
    models = {run.model for run in runs}
    same = (known["separation"] == separation) & (known["measure"] == measure)
    for row in rows_of(known[same & known["model"].isin(models)]):
        rows.append(
            {
                "run": "",
                "model": row["label"],
                "method": row["method"],
                "test_set": row["test_set"],
                "percent": row["percent"],
                "published": True,
            }
        )
    columns = ["run", "model", "method", "test_set", "percent", "lower", "upper", "chance"]
    return pd.DataFrame(rows, columns=[*columns, "proteins", "published"])


@kept(128)
def means_frame(
    runs: Sequence[ContactRun], separation: str, measure: str, atoms: str
) -> pd.DataFrame:
    """Give precision against the heads averaged, with ``title`` and ``run`` of each run."""
    frames = [pd.DataFrame(columns=["run", "title", "heads", "percent", "lower", "upper"])]
    for run in runs:
        own = precision_frame(run, separation, measure, atoms)
        own = own[own["method"] == "mean"].dropna(subset="percent")
        frames.append(own.assign(title=f"{run.title} ({run.name[-8:]})"))
    return pd.concat(frames[1:] or frames, ignore_index=True)


@kept(64)
def weights_grid(run: ContactRun, shown: str) -> NDArray[np.float64]:
    """Lay a column of `CONTACT_HEADS` out as layers × heads."""
    table = contact_table(run, CONTACT_HEADS).sort_values(["layer", "head"])
    values: NDArray[np.float64] = table[shown].to_numpy(dtype=float)
    return values.reshape(run.layers, run.heads) * (100 if shown == "precision" else 1)


@dataclass(frozen=True, eq=False)
class OpenedProtein:
    """One protein with what a method predicts of it.

    Attributes
    ----------
    name, sequence
        The protein.
    places, known
        Of its C-alpha atoms in Å, shape (residues, 3), and whether they are known.
    pairs
        Its L pairs scored highest, highest first: ``i``, ``j`` from 1, ``score``, ``distance``
        in Å and ``contact``.
    contacts
        Whether two residues touch, shape (residues, residues).
    atoms
        Which atoms that is of: ``alpha`` where C-beta atoms are asked for and not known.
    """

    name: str
    sequence: str
    places: NDArray[np.float64]
    known: NDArray[np.bool_]
    pairs: pd.DataFrame
    contacts: NDArray[np.bool_]
    atoms: str = "alpha"


def opened_names(run: ContactRun) -> dict[str, str]:
    """Give the proteins that are kept of a run, with what a reader sees."""
    table = contact_table(run, CONTACT_PROTEINS)
    return {
        name: f"{one_line(name)}, {len(sequence)} residues"
        for name, sequence in zip(table["protein"], table["sequence"], strict=True)
    }


def opened_methods(run: ContactRun) -> dict[str, str]:
    """Give the methods of which maps are kept, by ``method.heads``."""
    table = contact_table(run, CONTACT_MAPS)[["method", "heads"]].drop_duplicates()
    named = {}
    for method, heads in table.itertuples(index=False):
        words = METHODS.get(method, one_line(method))
        if method == "mean":
            words = METHODS["best"] if heads == 1 else f"mean of {heads} heads"
        named[f"{method}.{heads}"] = words
    return named


def default_method(methods: Iterable[str]) -> str:
    """Choose whose map is shown first: the mean of most heads where there is one."""
    there = list(methods)
    means = [name for name in there if name.startswith("mean.")]
    return means[-1] if means else next(iter(there), "")


@kept(64)
def open_protein(run: ContactRun, name: str, method: str, atoms: str) -> OpenedProtein:
    """Lay one protein's predicted pairs beside its structure.

    Raises
    ------
    AtlasError
        When the tables do not hold it, or contradict themselves.
    """
    table = contact_table(run, CONTACT_PROTEINS)
    maps = contact_table(run, CONTACT_MAPS)
    kind, _, heads = method.partition(".")
    own = maps[(maps["protein"] == name) & (maps["method"] == kind)]
    own = own[own["heads"].astype(str) == heads]
    row = table[table["protein"] == name]
    if row.empty or own.empty:
        raise AtlasError(f"The run {run.name} keeps no map of {one_line(name)} by that method.")
    protein = row.iloc[0]
    size = len(protein["sequence"])
    places: dict[str, NDArray[np.float64]] = {}
    for kind_of in ("alpha", "beta"):
        flat, known = (
            np.asarray(protein[kind_of], dtype=float),
            np.asarray(protein[f"{kind_of}_known"]),
        )
        if len(known) == size and len(flat) == 3 * size:
            places[kind_of] = np.where(known[:, None], flat.reshape(-1, 3), np.nan)
    scores = np.asarray(own.iloc[0]["scores"], dtype=np.float32)
    if "alpha" not in places or len(scores) != len(np.triu_indices(size, 6)[0]):
        raise AtlasError(f"The map of {one_line(name)} is of another length than its sequence.")
    resolved: NDArray[np.bool_] = np.asarray(np.isfinite(places["alpha"]).all(axis=1))
    chain = Chain(
        name,
        protein["sequence"],
        alpha_carbons=np.where(resolved[:, None], places["alpha"], 0.0),
        resolved=resolved,
        beta_carbons=places.get("beta"),
    )
    pairs = find_pairs(chain)
    by = atoms if atoms in pairs.eligible else "alpha"
    eligible = np.flatnonzero(pairs.eligible[by])
    order = eligible[np.argsort(-scores[eligible], kind="stable")][: pairs.residues[by]]
    first, second = pairs.first[order], pairs.second[order]
    contacts = np.zeros((size, size), dtype=bool)
    touching = pairs.contact[by]
    contacts[pairs.first[touching], pairs.second[touching]] = True
    frame = pd.DataFrame(
        {
            "i": first + 1,
            "j": second + 1,
            "score": scores[order].astype(float),
            "distance": np.linalg.norm(places[by][first] - places[by][second], axis=1),
            "contact": pairs.contact[by][order],
        }
    )
    return OpenedProtein(
        *(name, protein["sequence"], np.where(resolved[:, None], places["alpha"], 0.0), resolved),
        frame,
        contacts | contacts.T,
        by,
    )
