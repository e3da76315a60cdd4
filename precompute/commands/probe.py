"""``probe``: fit linear probes on a model's layers and write their scores."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from precompute.commands.run import (
    check_model,
    choose_any_model,
    choose_thinning,
    find_data,
    split_names,
)
from precompute.commands.run import own_weights as find_checkpoint
from precompute.datasets import find_dataset
from precompute.errors import AtlasError


def probe(options: argparse.Namespace) -> None:
    """Check the request, then probe each model.

    Everything that can be refused is refused before the first protein is run.
    """
    (dataset, *more) = [find_dataset(name) for name in split_names(options.dataset)]
    models = [choose_any_model(name, options) for name in split_names(options.model)]
    if more or not models:
        raise AtlasError("Name one --dataset, and at least one --model.")
    if options.max_length < 3:
        raise AtlasError("--max-length counts two special tokens: give 3 or more.")
    thinning = choose_thinning(options, models, [dataset])
    for model in models:
        check_model(model, options.weights, models, options.max_length)
    path = find_data(dataset, options.data, [dataset], quiet=options.quiet)
    labels = None
    if options.labels is not None:
        if options.task:
            raise AtlasError("--labels is probed alone: leave --task out.")
        from precompute.probes.own_labels import read_labels

        labels = read_labels(Path(options.labels))

    # torch takes a second to import: what can be refused without it has been by now.
    from precompute.devices import choose_device
    from precompute.drawn import draw_sample
    from precompute.folder_lock import locked_folder
    from precompute.models.loading import Checkpoint
    from precompute.probes.features import SOURCES
    from precompute.probes.gather import PROTOCOLS, Probing
    from precompute.probes.run import probe_model
    from precompute.progress import Progress
    from precompute.results_folder import prepare_folder
    from precompute.settings import Settings

    probing = Probing(
        tasks=tuple(split_names(options.task or "")),
        sources=_some(options.source, SOURCES, "--source"),
        protocols=_some(options.protocol, PROTOCOLS, "--protocol") or PROTOCOLS,
        budget=options.budget,
        labels=labels,
    )
    progress = Progress(quiet=options.quiet)
    prepare_folder(options.out)
    with locked_folder(options.out, progress.say):
        settings = Settings(
            proteins=options.proteins,
            seed=options.seed,
            max_length=options.max_length,
            device=choose_device(options.device),
            precision=options.precision,
            thinning=thinning,
        )
        checkpoints = [
            Checkpoint(model, find_checkpoint(model, options.weights, models, progress.say))
            for model in models
        ]
        # Chains are read whole: labels may name any residue, and equal sequences are left out
        # before they are counted. No background is needed.
        plain = replace(dataset, published_background_residues=None)
        everything = replace(settings, proteins=None, max_length=2**31)
        with plain.open(path) as chains:
            sample = draw_sample(plain, chains, everything, progress)
        for checkpoint in checkpoints:
            name = probe_model(
                checkpoint, sample, probing, settings, options.out, options.command, progress
            )
            progress.say(f"{checkpoint.model.label}: wrote the probes {name} to {options.out}")


def _some(given: str | None, known: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Give the names of a list, each of which must be known."""
    names = tuple(split_names(given or ""))
    for name in names:
        if name not in known:
            raise AtlasError(f"{option} has no {name}; there are {', '.join(known)}.")
    return names
