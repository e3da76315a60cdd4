"""Probe a model: one pass for features, then a probe for each task, source and layer.

What is finished is kept until the tables are written, so that the same command goes on where an
earlier one was stopped: features chain by chain, scores layer by layer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from precompute.devices import describe_device, place_adapter
from precompute.drawn import Sample, keep_readable, read_as, skipped_of
from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models.adapter import Adapter
from precompute.models.loading import Checkpoint
from precompute.one_line import one_line
from precompute.probes import as_paper, corrected
from precompute.probes.features import (
    ATTENTION,
    EMBEDDINGS,
    SOURCES,
    FeatureStore,
    Places,
    check_budget,
    columns_of,
)
from precompute.probes.gather import CORRECTED, PAPER, Data, Probing, gather, label_own
from precompute.probes.linear import STRENGTH
from precompute.probes.scoring import Score
from precompute.probes.split import Split, split_proteins
from precompute.probes.tasks import UNKNOWN, Task
from precompute.progress import Progress
from precompute.results_folder import unfinished_folder
from precompute.run_row import digest, package_versions
from precompute.settings import Settings
from precompute.tables import PROBE_RUNS, PROBE_SCORES, add_run, known_runs, open_folder, to_json
from precompute.tables.storage import exists, table_path, write_bytes

VERSION = 1
"""Of features and fits: what an earlier version left unfinished is not taken up."""


Row = tuple[str, str, int, str, str, Score]
"""Task, source, layer from 1, protocol, control, score."""


def probe_model(
    checkpoint: Checkpoint,
    sample: Sample,
    probing: Probing,
    settings: Settings,
    out: str,
    command: str,
    progress: Progress,
) -> str:
    """Probe a model on a sample and write its tables.

    Parameters
    ----------
    checkpoint
        Model and weights.
    sample
        Whole chains, not cut to the longest input.
    probing, settings
        What to read, and how the model is run.
    out
        Results folder: local path or fsspec URL.
    command
        Kept in `probe_runs`.
    progress
        Shown while the model runs and probes are fitted.

    Returns
    -------
    str
        Name of the run.

    Raises
    ------
    AtlasError
        When model, data, labels or folder cannot be used.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    (sample,) = read_as(checkpoint.model, [sample])
    own = label_own(sample, probing.labels)
    adapter = checkpoint.load()
    device = torch.device(settings.device)
    place_adapter(adapter, settings, device)
    sources = _sources(checkpoint, adapter, probing.sources)
    if not checkpoint.model.reads_any:
        (sample,) = keep_readable([sample], adapter, progress)
    data = gather(sample, probing, settings, own)
    protocols = [
        one
        for one in probing.protocols
        if one != PAPER or any(task.in_paper for task in data.tasks)
    ]
    if not protocols:
        raise AtlasError(
            "The paper's protocol has probes of helix, strand, turn/bend, binding sites and "
            "contacts: leave --protocol out, or give corrected."
        )
    seed = int(settings.seed or 0)
    split = split_proteins([chain.sequence for chain in data.chains], seed)
    weights = checkpoint.sha256()
    identity = {
        "version": VERSION,
        "model": [checkpoint.model.name, weights, checkpoint.reading_digest()],
        "data": [sample.dataset.name, sample.sha256, sample.notes],
        "chains": [[chain.identifier, chain.sequence] for chain in data.chains],
        "labels": probing.labels.sites.sha256 if probing.labels else "",
        "asked": [[task.name for task in data.tasks], sources, protocols],
        "settings": [seed, settings.max_length, settings.precision],
    }
    name = f"{checkpoint.model.name}-{sample.dataset.name}-probes-{digest(identity)[:8]}"
    if _is_finished(out, name):
        progress.say(f"Already there, with the same settings and data: {name}.")
        return name
    folder = unfinished_folder(out) / f"probes-{digest(identity)[:16]}"
    places = Places.of(data.chains, adapter, pairs=any(task.of_pairs for task in data.tasks))
    columns = columns_of(
        adapter,
        sources,
        residues=any(not task.of_pairs for task in data.tasks),
        pairs=any(task.of_pairs for task in data.tasks),
        paper=PAPER in protocols,
    )
    store = FeatureStore(folder, adapter.layers, columns, places)
    check_budget(store, probing.budget, len(data.chains))
    progress.say(
        f"{checkpoint.model.label}: {len(data.chains):,} proteins, {split.described}; features of "
        f"{store.bytes / 1e9:.2f} GB in {folder}."
    )
    store.fill(adapter, data.chains, lambda them: progress.over(them, "running", "protein"))
    rows = list(_score(store, data, split, sources, protocols, seed, device, progress))
    row = {
        "run": name,
        "model": checkpoint.model.name,
        "architecture": checkpoint.model.architecture,
        "model_source": checkpoint.model.source,
        "model_revision": checkpoint.weights.revision,
        "weights_sha256": weights,
        "layers": adapter.layers,
        "heads": adapter.heads,
        "width": adapter.width,
        "dataset": sample.dataset.name,
        "dataset_source": sample.dataset.source,
        "dataset_sha256": sample.sha256,
        "proteins": len(data.chains),
        "residues": sum(map(len, data.chains)),
        "protein_ids": [chain.identifier for chain in data.chains],
        "test": split.test.tolist(),
        "validation": split.validation.tolist(),
        "seed": seed,
        "max_length": settings.max_length,
        "number_type": settings.precision,
        "device": describe_device(device),
        "versions": to_json(package_versions()),
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "wall_seconds": round(time.perf_counter() - clock, 3),
        "skipped": to_json(skipped_of(sample) | data.left_out),
        "notes": to_json(_notes(sample, split, data.tasks, protocols, probing)),
    }
    add_run(out, pd.DataFrame([row]), {PROBE_SCORES: _frame(name, rows, data.tasks)}, PROBE_RUNS)
    shutil.rmtree(folder, ignore_errors=True)
    return name


def _sources(checkpoint: Checkpoint, adapter: Adapter, asked: Sequence[str]) -> list[str]:
    """Say what is probed: what is asked for, else what the model has."""
    has = {EMBEDDINGS: adapter.width > 0, ATTENTION: adapter.heads > 0}
    for source in asked:
        if not has[source]:
            raise AtlasError(
                f"{checkpoint.model.label} has no {source}"
                + (" to probe: give --source embeddings." if source == ATTENTION else " to probe.")
            )
    return [source for source in SOURCES if source in (asked or SOURCES) and has[source]]


def _score(
    store: FeatureStore,
    data: Data,
    split: Split,
    sources: Sequence[str],
    protocols: Sequence[str],
    seed: int,
    device: torch.device,
    progress: Progress,
) -> Iterator[Row]:
    """Fit and score every probe; what an earlier session has scored is read back."""
    labels = {
        name: [
            np.where(there, one, UNKNOWN)
            for one, there in zip(own, store.places.there, strict=True)
        ]
        for name, own in data.labels.items()
        if own
    }
    of_residues = [task for task in data.tasks if not task.of_pairs]
    of_pairs = [task for task in data.tasks if task.of_pairs]
    parts: list[tuple[str, Callable[[], list[Row]]]] = []
    if CORRECTED in protocols:
        every = [
            corrected.label_residues(task, labels[task.name], data.chains, split.test, seed)
            for task in of_residues
        ] + [corrected.label_pairs(task, store, data.chains, seed) for task in of_pairs]

        def one_layer(source: str, layer: int) -> list[Row]:
            found = corrected.score_layer(
                store, source, layer, data.chains, split.test, every, seed
            )
            return [
                (task, source, layer + 1, CORRECTED, control, score)
                for (task, control), score in found.items()
            ]

        parts += [
            (f"corrected-{source}-{layer + 1:03d}", partial(one_layer, source, layer))
            for source in sources
            for layer in range(store.layers)
        ]
    if PAPER in protocols:

        def all_layers(source: str, tasks: Sequence[Task]) -> list[Row]:
            if tasks[0].of_pairs:
                found = as_paper.score_pairs(
                    store, source, tasks[0], data.chains, split.validation, device
                )
            else:
                own = [labels[task.name] for task in tasks]
                found = as_paper.score_residues(store, source, tasks, own, split.validation, device)
            return [
                (task, source, layer + 1, PAPER, "none", score)
                for task, scores in found.items()
                for layer, score in enumerate(scores)
            ]

        for source in sources:
            for kind, tasks in (("residues", of_residues), ("pairs", of_pairs)):
                own = [task for task in tasks if task.in_paper]
                if own:
                    parts.append((f"paper-{source}-{kind}", partial(all_layers, source, own)))
    for name, make in progress.over(parts, "fitting", "part"):
        yield from _kept(store.folder / f"{name}.json", make)


def _kept(path: Path, make: Callable[[], list[Row]]) -> list[Row]:
    """Read scores back, or make and write them."""
    try:
        checksum, _, text = path.read_text(encoding="utf-8").partition("\n")
        read = parse_json(text) if checksum == _checksum(path, text) else ()
        rows = [
            (str(task), str(source), int(layer), str(protocol), str(control), Score(**score))
            for task, source, layer, protocol, control, score in read
        ]
        if rows:
            return rows
    except (OSError, ValueError, TypeError):
        pass  # not there, or damaged: it is made again
    rows = make()
    text = json.dumps([[*row, asdict(score)] for *row, score in rows])
    whole = f"{_checksum(path, text)}\n{text}"
    write_bytes(open_folder(path.parent)[0], str(path), whole.encode())
    return rows


def _checksum(path: Path, text: str) -> str:
    """Digest of a file's rows and of its name: one copied over another is of neither."""
    return hashlib.sha256(f"{path.name}\n{text}".encode()).hexdigest()


def _frame(run: str, rows: Sequence[Row], tasks: Sequence[Task]) -> pd.DataFrame:
    scores = {task.name: task.score for task in tasks}
    records = [
        {
            "run": run,
            "task": task,
            "source": source,
            "layer": layer,
            "protocol": protocol,
            "control": control,
            "score": scores[task],
            **asdict(score),
        }
        for task, source, layer, protocol, control, score in rows
    ]
    return pd.DataFrame(records, columns=list(PROBE_SCORES.column_names))


def _notes(
    sample: Sample,
    split: Split,
    tasks: Sequence[Task],
    protocols: Sequence[str],
    probing: Probing,
) -> dict[str, Any]:
    notes: dict[str, Any] = {
        **sample.notes,
        "families": split.described,
        "corrected protocol": "logistic regression of scikit-learn (lbfgs, L2, "
        f"C = {STRENGTH}) on standardised columns",
    }
    if PAPER in protocols:
        fitted = int((~split.validation).sum())
        kinds = {"residues": as_paper.RESIDUES, **as_paper.CONTACTS}
        notes["paper protocol"] = (
            f"{fitted:,} proteins are fitted, in at most "
            + ", ".join(
                f"{as_paper.count_steps(recipe, fitted):,} steps "
                + ("of residues" if kind == "residues" else f"of contacts from {kind}")
                for kind, recipe in kinds.items()
            )
            + "; the paper's 8,678 and 25,299 proteins make up to 54,237, 632,475 and 79,059"
        )
    if probing.labels:
        notes["own labels"] = (
            f"{one_line(probing.labels.sites.file)}, SHA-256 {probing.labels.sites.sha256[:16]}"
        )
        notes["own classes"] = list(tasks[0].classes)
    return notes


def _is_finished(out: str, name: str) -> bool:
    filesystem, root = open_folder(out)
    listed = name in set(known_runs(out, PROBE_RUNS)["run"])
    return listed and exists(filesystem, table_path(root, PROBE_SCORES, name))
