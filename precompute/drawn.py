"""The proteins of a run: drawn from a dataset, read, and said what of it was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from precompute.chain import Chain
from precompute.column_attention.choice import ColumnChoice
from precompute.column_attention.hamming import hamming_distances, why_undefined
from precompute.datasets import Dataset
from precompute.datasets.chains import Chains
from precompute.datasets.structures import list_names
from precompute.datasets.thinning import ROWS_READ, Thinning
from precompute.errors import AtlasError
from precompute.features import FEATURES
from precompute.labels import FeatureSet, background_counts, published_background
from precompute.long_names import refuse_long_names
from precompute.models import Model
from precompute.models.adapter import Adapter
from precompute.progress import Progress
from precompute.sample import sample_records
from precompute.settings import Settings
from precompute.tables.column_tables import NOTE
from precompute.windows import count_pairs_apart

UNREADABLE = "chains that the model cannot read"
"""The reason for which `keep_readable` leaves chains out."""

WINDOWS = "read in windows"
"""The note of chains that are longer than an input."""
PAIRS_APART = "ordered pairs of residues that stand together in no window"
"""For what `skipped` counts them; they are eligible for nothing."""
UNDEFINED = "without a correlation of column attention with distance"
"""The note of the alignments that have none."""

MOST_NAMED = 20
"""Files or chains left out that are named on the terminal."""
MOST_KEPT = 1_000
"""Files left out that the `runs` table names."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The proteins drawn from one dataset.

    Attributes
    ----------
    dataset, sha256, size
        The dataset, the checksum of its data, and how many chains it holds.
    records
        Record numbers of the drawn chains, from 0.
    chains
        The drawn chains, cut to the longest input.
    cut
        How many of them were longer.
    published
        The background in the paper's definition, by feature: positives and eligible.
    skipped, notes, skipped_files
        As those of `Chains`.
    """

    dataset: Dataset
    sha256: str
    size: int
    records: tuple[int, ...]
    chains: tuple[Chain, ...]
    cut: int
    published: dict[str, tuple[int, int]]
    skipped: dict[str, int]
    notes: dict[str, str]
    skipped_files: dict[str, str] = field(default_factory=dict)


def draw_sample(dataset: Dataset, chains: Chains, settings: Settings, progress: Progress) -> Sample:
    """Draw the proteins to measure and read them all, so that a bad record shows at once.

    Parameters
    ----------
    dataset, chains
        The dataset and its opened data.
    settings
        How many, by which seed, how long.
    progress
        Shown while chains are read.

    Raises
    ------
    AtlasError
        Naming the record that cannot be used.
    """
    for reason, count in chains.skipped.items():
        progress.say(f"{dataset.label}: {count} {reason} left out.")
    say_files(chains.skipped_files, progress)
    for what, found in chains.remarks.items():
        progress.say(f"{dataset.label}: {what}: {found}.")
    if chains.properties is not None:
        dataset = replace(dataset, properties=chains.properties)
    residues = settings.residues
    records = sample_records(len(chains), settings.proteins, settings.seed)
    whole = [
        _thinned(chains[record], settings.thinning)
        for record in progress.over(records, f"reading {dataset.name}", "protein")
    ]
    notes = {**chains.notes, **chains.remarks}
    if dataset.holds_alignments and settings.thinning is not None:
        notes[ROWS_READ] = settings.thinning.describe()
    refuse_long_names(chain.identifier for chain in whole)
    drawn = whole if settings.windows else [chain.first(residues) for chain in whole]
    if dataset.holds_alignments and settings.columns is not None:
        notes |= _column_notes(drawn, settings.columns, dataset, progress)
    published = {}
    if dataset.published_background_residues is not None:
        counted = settings.max_length - dataset.published_background_residues
        for feature in (name for name in dataset.properties if FEATURES[name].in_paper):
            everyone = progress.over(range(len(chains)), f"background of {dataset.name}", "protein")
            published[feature] = published_background(
                (chains[number].first(counted) for number in everyone), feature
            )
    return Sample(
        dataset,
        chains.sha256(),
        len(chains),
        tuple(records),
        tuple(drawn),
        0 if settings.windows else sum(len(chain) > residues for chain in whole),
        published,
        {**chains.skipped, **_in_windows(drawn, settings.window, notes)},
        notes,
        dict(chains.skipped_files),
    )


def _in_windows(
    chains: Sequence[Chain], window: int | None, notes: dict[str, str]
) -> dict[str, int]:
    """Note which chains are read in windows, and count the pairs that stand in none together."""
    longer = [len(chain) for chain in chains if window is not None and len(chain) > window]
    if window is None or not longer:
        return {}
    notes[WINDOWS] = (
        f"{len(longer):,} chains of more than {window:,} residues, windows of {window:,} that "
        "begin half a window apart; of a pair the one in which both stand furthest from an edge"
    )
    return {PAIRS_APART: sum(count_pairs_apart(residues, window) for residues in longer)}


def _thinned(chain: Chain, thinning: Thinning | None) -> Chain:
    """Keep the rows of a chain's alignment that are read, none where no model reads any."""
    if chain.alignment is None:
        return chain
    return replace(chain, alignment=thinning.apply(chain.alignment) if thinning else None)


def _column_notes(
    chains: Sequence[Chain], choice: ColumnChoice, dataset: Dataset, progress: Progress
) -> dict[str, str]:
    """Say what is measured of column attention, and in which alignments nothing is defined."""
    undefined = {}
    for chain in chains:
        if chain.alignment is not None and (
            why := why_undefined(hamming_distances(chain.alignment.rows))
        ):
            undefined[chain.identifier] = why
    notes = {NOTE: choice.describe()}
    if undefined:
        notes[UNDEFINED] = list_names([f"{name} ({why})" for name, why in undefined.items()])
        progress.say(f"{dataset.label}: {UNDEFINED}: {notes[UNDEFINED]}.")
    return notes


def read_as(model: Model, samples: Sequence[Sample]) -> list[Sample]:
    """Give samples as a model reads them: one that reads sequences, without alignments."""
    if model.reads_alignments:
        return list(samples)
    of_alignments = (ROWS_READ, NOTE, UNDEFINED)
    return [
        replace(
            sample,
            chains=tuple(
                replace(chain, alignment=None) if chain.alignment else chain
                for chain in sample.chains
            ),
            notes={what: said for what, said in sample.notes.items() if what not in of_alignments},
        )
        for sample in samples
    ]


def say_files(files: Mapping[str, str], progress: Progress) -> None:
    """Say which files were left out and why, of many the first."""
    for name, sentence in list(files.items())[:MOST_NAMED]:
        progress.say(f"  {sentence}" if name in sentence else f"  {name}: {sentence}")
    if len(files) > MOST_NAMED:
        progress.say(
            f"  … and {len(files) - MOST_NAMED:,} more files; runs.parquet names them (skipped)."
        )


def keep_readable(samples: Sequence[Sample], adapter: Adapter, progress: Progress) -> list[Sample]:
    """Leave out the chains that a model cannot read, and say how many.

    Parameters
    ----------
    samples
        One for each dataset.
    adapter
        The model, such as one that knows a few protein families only.
    progress
        Told of chains that are left out.

    Raises
    ------
    AtlasError
        When no chain is left.
    """
    kept = []
    for sample in samples:
        good = [
            place
            for place, chain in enumerate(
                progress.over(sample.chains, f"placing {sample.dataset.name}", "protein")
            )
            if adapter.reads(chain.sequence)
        ]
        left_out = len(sample.chains) - len(good)
        if not good:
            raise AtlasError(
                f"The model can read none of the {left_out} chains of {sample.dataset.label}: "
                "choose other data, or a model that reads every sequence."
            )
        if left_out:
            kept_places = set(good)
            lost = [c.identifier for i, c in enumerate(sample.chains) if i not in kept_places]
            named = ", ".join(lost[:MOST_NAMED]) + (" …" if left_out > MOST_NAMED else "")
            progress.say(f"{sample.dataset.label}: {left_out} {UNREADABLE} left out: {named}.")
        kept.append(
            replace(
                sample,
                records=tuple(sample.records[place] for place in good),
                chains=tuple(sample.chains[place] for place in good),
                skipped={**sample.skipped, UNREADABLE: left_out},
            )
        )
    return kept


def skipped_of(sample: Sample) -> dict[str, Any]:
    """Give what was cut or left out, by reason, and under ``files`` each file's sentence."""
    skipped: dict[str, Any] = {"proteins cut to the longest input": sample.cut, **sample.skipped}
    if sample.skipped_files:
        skipped["files"] = dict(list(sample.skipped_files.items())[:MOST_KEPT])
    return skipped


def background_of(sample: Sample, features: FeatureSet) -> list[tuple[str, str, int, int, int]]:
    """Background rows: feature, definition, positives, eligible, proteins."""
    positives, eligible = background_counts(sample.chains, features)
    rows = [
        (name, "corrected", int(hit), int(may), len(sample.chains))
        for name, hit, may in zip(features.names, positives, eligible, strict=True)
    ]
    rows += [
        (name, "published", hit, may, sample.size) for name, (hit, may) in sample.published.items()
    ]
    return rows
