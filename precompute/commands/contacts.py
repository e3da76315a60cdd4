"""``contacts``: measure what all heads together know of contacts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from precompute.commands.run import (
    check_model,
    choose_model,
    choose_thinning,
    find_data,
    open_engine,
    own_weights,
    split_names,
)
from precompute.contacts.causal import CAUSAL
from precompute.datasets import find_dataset
from precompute.errors import AtlasError
from precompute.one_line import one_line

if TYPE_CHECKING:
    from precompute.drawn import Sample
    from precompute.models.loading import Checkpoint
    from precompute.progress import Progress
    from precompute.settings import Settings


def contacts(options: argparse.Namespace) -> None:
    """Check the request, draw the proteins, and measure each model on each dataset."""
    datasets = [find_dataset(name) for name in split_names(options.dataset)]
    models = [choose_model(name, options) for name in split_names(options.model)]
    if not datasets or not models:
        raise AtlasError("Name at least one --model and one --dataset.")
    if options.max_length < 3:
        raise AtlasError("--max-length counts two special tokens: give 3 or more.")
    for dataset in datasets:
        if "contact" not in dataset.properties:
            raise AtlasError(
                f"{dataset.label} has no coordinates, and contacts are measured on structures: "
                "give a dataset that has them, such as structures or cameo."
            )
    for model in models:
        if model.causal:
            raise AtlasError(f"{model.label}: {CAUSAL}")
    thinning = choose_thinning(options, models, datasets)
    for model in models:
        check_model(model, options.weights, models, options.max_length)
    paths = [
        find_data(dataset, options.data, datasets, quiet=options.quiet) for dataset in datasets
    ]

    # torch takes a second to import: what can be refused without it has been by now.
    from precompute.contacts.run import run_contacts
    from precompute.drawn import draw_sample
    from precompute.folder_lock import locked_folder
    from precompute.models.loading import Checkpoint
    from precompute.progress import Progress
    from precompute.results_folder import prepare_folder
    from precompute.settings import Settings

    if options.published and (options.jacobian or options.workers or options.scheduler):
        raise AtlasError("--published is one pass in this process: give it without other ways.")
    options.dry_run = False
    progress = Progress(quiet=options.quiet)
    prepare_folder(options.out)
    with locked_folder(options.out, progress.say), open_engine(options, progress.say) as engine:
        settings = Settings(
            proteins=options.proteins,
            seed=options.seed,
            max_length=options.max_length,
            device=engine.choose_device(options.device),
            precision=options.precision,
            thinning=thinning,
        )
        checkpoints = [
            Checkpoint(model, own_weights(model, options.weights, models, progress.say))
            for model in models
        ]
        samples = []
        for dataset, path in zip(datasets, paths, strict=True):
            with dataset.open(path) as chains:
                samples.append(draw_sample(dataset, chains, settings, progress))
        for checkpoint in checkpoints:
            for sample in samples:
                if options.published:
                    _write_published(checkpoint, sample, settings, options.out, progress)
                    continue
                name = run_contacts(
                    *(checkpoint, sample, settings, options.out, options.command, progress, engine),
                    jacobian=options.jacobian,
                )
                progress.say(
                    f"{checkpoint.model.label}: the contacts of {name} stand in {options.out}"
                )


def _write_published(
    checkpoint: Checkpoint, sample: Sample, settings: Settings, out: str, progress: Progress
) -> None:
    """Score every protein by the checkpoint's own regression; write all, print the long range."""
    from precompute.contacts.published import score_published
    from precompute.spreadsheet import as_cells
    from precompute.tables import open_folder, write_bytes

    frame = score_published(checkpoint, sample, settings, progress)
    written = frame.drop(columns="place")
    name = f"{checkpoint.model.name}-{sample.dataset.name}-published-contacts.csv"
    filesystem, folder = open_folder(out)
    write_bytes(filesystem, f"{folder}/{name}", as_cells(written).to_csv(index=False).encode())
    far = frame[frame["separation"] == "long"]
    for (_, protein, atoms), own in far.groupby(["place", "protein", "atoms"], sort=False):
        values = own.set_index("measure")["precision"]
        said = ", ".join(f"P@{name} {values[name]:.3f}" for name in ("L", "L/2", "L/5"))
        print(f"{one_line(str(protein))}, C-{atoms}, long range: {said}")
    progress.say(f"{len(frame):,} precisions written to {name} in {out}")
