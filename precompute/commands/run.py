"""``run``: measure models on datasets and write the tables."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from precompute.column_attention.choice import NULLS, ColumnChoice
from precompute.datasets import Dataset, data_folder, find_dataset, locate, usual_place
from precompute.datasets.own_sites import ChainsWithSites, Sites, read_sites
from precompute.datasets.thinning import DEPTH, Thinning
from precompute.errors import AtlasError
from precompute.models import JOINED_TOKENS, WITHOUT_ATTENTION, Model, find_model
from precompute.models.configuration import (
    check_config,
    check_longest,
    longest_asked,
    longest_input,
    read_config,
)
from precompute.models.joined_vocabulary import is_joined, special_in
from precompute.models.weights import Weights, find_config, find_weights
from precompute.windows import SHORTEST_WINDOW

if TYPE_CHECKING:
    from precompute.engines import Engine


def run(options: argparse.Namespace) -> None:
    """Check the request, draw the samples, and run each model over them.

    Everything that can be refused is refused before the first protein is run.
    """
    datasets = [find_dataset(name) for name in split_names(options.dataset)]
    models = [choose_model(name, options) for name in split_names(options.model)]
    if not datasets or not models:
        raise AtlasError("Name at least one --model and one --dataset.")
    if options.max_length < 3:
        raise AtlasError("--max-length counts two special tokens: give 3 or more.")
    thinning = choose_thinning(options, models, datasets)
    sites = _own_sites(options, datasets)
    if options.windows:
        _refuse_windows(models, options.max_length)
    columns = _columns(options, models)
    for model in models:
        check_model(model, options.weights, models, options.max_length)
    paths = [
        find_data(dataset, options.data, datasets, quiet=options.quiet) for dataset in datasets
    ]

    # torch takes a second to import: what can be refused without it has been by now.
    from precompute.devices import default_batch_tokens
    from precompute.drawn import draw_sample
    from precompute.folder_lock import locked_folder
    from precompute.models.loading import Checkpoint
    from precompute.plan import print_plan
    from precompute.progress import Progress
    from precompute.results_folder import prepare_folder
    from precompute.run import run_model
    from precompute.settings import Settings

    progress = Progress(quiet=options.quiet)
    prepare_folder(options.out)
    with locked_folder(options.out, progress.say), open_engine(options, progress.say) as engine:
        device = engine.choose_device(options.device)
        settings = Settings(
            proteins=options.proteins,
            seed=None if options.no_shuffle else options.seed,
            max_length=options.max_length,
            windows=options.windows,
            device=device,
            precision=options.precision,
            batch_tokens=default_batch_tokens(device, options.batch_tokens),
            thinning=thinning,
            columns=columns,
        )
        checkpoints = [
            Checkpoint(model, own_weights(model, options.weights, models, progress.say))
            for model in models
        ]
        samples = []
        for dataset, path in zip(datasets, paths, strict=True):
            with dataset.open(path) as opened:
                chains = opened
                if sites is not None:
                    chains = ChainsWithSites(opened, sites, dataset.properties, dataset.label)
                samples.append(draw_sample(dataset, chains, settings, progress))
        for checkpoint in checkpoints:
            if options.dry_run:
                print_plan(checkpoint, samples, settings, options.out, progress)
                continue
            names = run_model(
                checkpoint,
                samples,
                settings,
                options.out,
                options.command,
                progress,
                add=options.add,
                engine=engine,
            )
            for name in names:
                progress.say(f"{checkpoint.model.label}: wrote the run {name} to {options.out}")


def choose_thinning(
    options: argparse.Namespace, models: Sequence[Model], datasets: Sequence[Dataset]
) -> Thinning | None:
    """Say which rows of alignments are read; None where no model reads any.

    Raises
    ------
    AtlasError
        When rows are asked for and no model reads them, or one reads alignments and a
        dataset has none.
    """
    readers = [model for model in models if model.reads_alignments]
    if not readers:
        if options.depth is not None or options.thin is not None:
            raise AtlasError(
                "--depth and --thin choose rows of alignments, and "
                f"{' and '.join(model.label for model in models)} read one sequence at a time: "
                "leave them out."
            )
        return None
    for dataset in datasets:
        if not dataset.holds_alignments:
            raise AtlasError(
                f"{readers[0].label} reads alignments, and {dataset.label} holds single sequences: "
                "give --dataset alignments."
            )
    thinning = Thinning(options.depth or DEPTH, options.thin or "diverse", options.seed)
    thinning.check()
    return thinning


def _own_sites(options: argparse.Namespace, datasets: Sequence[Dataset]) -> Sites | None:
    """Read the list of residues of one's own, where there is one.

    Raises
    ------
    AtlasError
        When it cannot be read, or it is not clear of which data it is.
    """
    if options.sites is None:
        if options.site_class is not None:
            raise AtlasError("--site-class chooses among --sites: give that too, or leave it out.")
        return None
    if len(datasets) > 1:
        raise AtlasError("--sites names chains of one dataset: give one --dataset with it.")
    return read_sites(options.sites, split_names(options.site_class or ""))


def _refuse_windows(models: Sequence[Model], max_length: int) -> None:
    """Refuse windows of what is not one sequence, and windows too short to overlap.

    Raises
    ------
    AtlasError
        Naming the model, or the shortest input.
    """
    for model in models:
        if model.reads_alignments or not model.reads_any:
            what = "whole alignments" if model.reads_alignments else "whole domains"
            raise AtlasError(
                f"--windows cuts sequences, and {model.label} reads {what}: leave it out, or "
                "choose a model that reads one sequence."
            )
    if max_length < SHORTEST_WINDOW:
        raise AtlasError(
            f"Windows of {max_length - 2} residues hold no two that are far apart: give "
            f"--max-length {SHORTEST_WINDOW} or more with --windows."
        )


def _columns(options: argparse.Namespace, models: Sequence[Model]) -> ColumnChoice | None:
    """Say what is measured of column attention; None where no model has any.

    Raises
    ------
    AtlasError
        When something is asked for and no model has any, or there is no such null.
    """
    if not any(model.reads_alignments for model in models):
        if options.nulls is not None or options.regression or options.keep_matrices is not None:
            raise AtlasError(
                "--nulls, --regression and --keep-matrices are of column attention, and "
                f"{' and '.join(model.label for model in models)} read one sequence at a time: "
                "leave them out."
            )
        return None
    nulls = split_names(options.nulls or "")
    for null in nulls:
        if null not in NULLS:
            raise AtlasError(f"There is no null {null!r}: choose among {', '.join(NULLS)}.")
    if options.regression and find_spec("statsmodels") is None:
        raise AtlasError(
            "--regression needs statsmodels, which is not installed here: pip install statsmodels."
        )
    usual = ColumnChoice()
    return ColumnChoice(
        tuple(null for null in NULLS if null in nulls),
        options.regression,
        usual.megabytes if options.keep_matrices is None else options.keep_matrices,
        options.seed,
    )


def open_engine(
    options: argparse.Namespace, say: Callable[[str], None]
) -> AbstractContextManager[Engine]:
    """Choose where shards are measured: here, in worker processes, or on a cluster.

    Parameters
    ----------
    options
        Those of the command line.
    say
        Told where to watch the workers.

    Raises
    ------
    AtlasError
        When both ways are asked for, or Dask is not installed.
    """
    if options.workers is not None and options.scheduler is not None:
        raise AtlasError(
            "Give --workers for processes on this machine or --scheduler for a cluster, not both."
        )
    if options.dry_run or (options.workers is None and options.scheduler is None):
        from precompute.engines.one_process import OneProcess

        return nullcontext(OneProcess())
    try:
        # Nothing of Dask is imported unless it is asked for.
        from precompute.engines.dask_cluster import local_engine, scheduler_engine
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise AtlasError(
            "--workers and --scheduler need Dask, which is not installed here: "
            'pip install "protein-attention-atlas[cluster]", or install requirements.txt.'
        ) from error
    if options.scheduler is not None:
        return scheduler_engine(options.scheduler, say)
    return local_engine(options.workers, options.device, say)


def split_names(text: str) -> list[str]:
    """Split a list with commas, each name once."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def choose_model(name: str, options: argparse.Namespace) -> Model:
    """Look a model up, or describe a checkpoint of one's own.

    Raises
    ------
    AtlasError
        When there is none.
    """
    if options.architecture is None:
        return find_model(name)
    from precompute.models.loading import own_model

    several = len(split_names(options.model)) > 1
    return own_model(
        name, options.architecture, _own_folder(name, options.weights, several=several)
    )


def choose_any_model(name: str, options: argparse.Namespace) -> Model:
    """Choose a model, also one without attention, whose vectors and scores are read.

    Raises
    ------
    AtlasError
        When there is none.
    """
    if options.architecture is None and name in WITHOUT_ATTENTION:
        return WITHOUT_ATTENTION[name]
    return choose_model(name, options)


def check_model(model: Model, given: str | None, models: Sequence[Model], max_length: int) -> None:
    """Refuse what a model's configuration refuses, before data or weights are read or fetched.

    Parameters
    ----------
    model
        The model.
    given
        What ``--weights`` says.
    models
        All models of the command.
    max_length
        Tokens of the longest input asked for.

    Raises
    ------
    AtlasError
        When its attention cannot be measured, or inputs are longer than it reads.
    """
    folder = find_config(model, _own_folder(model.name, given, several=len(models) > 1))
    config = read_config(folder)
    check_config(config, model.architecture, folder)
    longest = longest_input(config, model.architecture, folder)
    joined = model.vocabulary == JOINED_TOKENS or (
        model.architecture == "gpt2" and is_joined(folder)
    )
    special_tokens = special_in(longest) if joined and longest is not None else 2
    check_longest(model.label, longest_asked(longest, special_tokens), max_length)


def own_weights(
    model: Model, given: str | None, models: Sequence[Model], say: Callable[[str], None]
) -> Weights:
    """Find a model's weights where ``--weights`` says, in the hub's cache, or fetch them."""
    return find_weights(model, _own_folder(model.name, given, several=len(models) > 1), say)


def _own_folder(name: str, given: str | None, *, several: bool) -> str | None:
    """Find a model's folder below what the user named for several."""
    if given is None or not several:
        return given
    folder = Path(given) / name
    if not folder.is_dir():
        raise AtlasError(
            f"{given} has no folder {name}: for several models --weights names a folder "
            "that holds one of each name."
        )
    return str(folder)


def find_data(
    dataset: Dataset, given: str | None, datasets: Sequence[Dataset], *, quiet: bool
) -> Path:
    """Find a dataset where the user said, or in the folder of datasets, or fetch it there.

    One that ships with this project needs no place among several.
    """
    if dataset.shipped is not None and (given is None or len(datasets) > 1):
        named = f"{dataset.name}=" in (given or "")
        if not named:
            return dataset.shipped
    if given is None:
        from precompute.datasets.download import fetch_dataset

        return fetch_dataset(dataset, data_folder(), quiet=quiet)
    if "=" in given and not Path(given).exists():
        by_name = dict(part.split("=", 1) for part in split_names(given) if "=" in part)
        if dataset.name not in by_name:
            raise AtlasError(f"--data names no {dataset.name}: add {dataset.name}=PATH.")
        return locate(dataset, Path(by_name[dataset.name]))
    path = locate(dataset, Path(given))
    if len(datasets) > 1 and usual_place(dataset, Path(given)) is None:
        raise AtlasError(
            f"{given} holds no {' or '.join(dataset.files)}; for several datasets give --data "
            "NAME=PATH,NAME=PATH."
        )
    return path
