"""The command line: ``python -m precompute run | models | datasets | published``."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from precompute import __version__
from precompute.datasets import DATASETS, Dataset, find_dataset, locate
from precompute.errors import AtlasError
from precompute.models import ARCHITECTURES, MODELS, Model, find_model

DATA_FOLDER = "ATLAS_DATA"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Command-line arguments; those of the process by default.

    Returns
    -------
    int
        0 when it worked; 1 when the input could not be used, after one sentence on
        standard error; 130 when interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given)
    try:
        options.run(options, given)
    except AtlasError as error:
        print(f"precompute: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "precompute: interrupted; the tables are as they were, and the same command takes up "
            "where it stopped.",
            file=sys.stderr,
        )
        return 130
    except BrokenPipeError:
        # Whoever reads our output has left, as `head` does; nobody is there to be told.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m precompute",
        description="Measure what attention heads of protein language models follow.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="measure models on datasets and write the tables")
    run.add_argument("--model", required=True, metavar="NAME[,NAME]", help="see `models`")
    run.add_argument("--dataset", required=True, metavar="NAME[,NAME]", help="see `datasets`")
    run.add_argument("--out", required=True, metavar="RESULTS", help="results folder, path or URL")
    run.add_argument(
        "--weights",
        metavar="DIR",
        help="checkpoint folder in the hub's layout; for several models a folder that holds one "
        "of each name",
    )
    run.add_argument(
        "--data",
        metavar="PATH",
        help="the dataset, or for several a folder that holds them under their usual names or "
        f"NAME=PATH[,NAME=PATH]; by default the folder ${DATA_FOLDER}",
    )
    run.add_argument(
        "--proteins", type=_positive, default=5000, metavar="N", help="how many (default 5000)"
    )
    run.add_argument("--seed", type=int, default=123, help="of the sample (default 123)")
    run.add_argument(
        "--no-shuffle", action="store_true", help="take the first proteins in stored order"
    )
    run.add_argument(
        "--max-length",
        type=_positive,
        default=512,
        metavar="TOKENS",
        help="longest input, two special tokens included (default 512: 510 residues)",
    )
    run.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    run.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    run.add_argument("--quiet", action="store_true", help="show no progress")
    run.set_defaults(run=_run)

    models = commands.add_parser("models", help="list the models and whether they are here")
    models.set_defaults(run=_list_models)

    datasets = commands.add_parser("datasets", help="list the datasets and whether they are here")
    datasets.add_argument("--data", metavar="DIR", help=f"folder of datasets (${DATA_FOLDER})")
    datasets.set_defaults(run=_list_datasets)

    published = commands.add_parser(
        "published", help="rebuild the paper's tables from the transcription of its figures"
    )
    published.add_argument("source", type=Path, metavar="DIR")
    published.add_argument("--out", type=Path, metavar="DIR", help="default: inside the project")
    published.set_defaults(run=_build_published)
    return parser


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _run(options: argparse.Namespace, given: Sequence[str]) -> None:
    models = [find_model(name) for name in _names(options.model)]
    datasets = [find_dataset(name) for name in _names(options.dataset)]
    weights = {model.name: _weights_folder(model, options.weights, models) for model in models}
    paths = [_data_path(dataset, options.data, datasets) for dataset in datasets]
    if options.max_length < 3:
        raise AtlasError("--max-length counts two special tokens: give 3 or more.")

    # torch takes a second to import: what can be refused without it has been by now.
    from precompute.models.loading import Checkpoint
    from precompute.progress import Progress
    from precompute.run import (
        Settings,
        choose_device,
        draw_sample,
        lock_folder,
        prepare_folder,
        run_model,
    )

    progress = Progress(quiet=options.quiet)
    settings = Settings(
        proteins=options.proteins,
        seed=None if options.no_shuffle else options.seed,
        max_length=options.max_length,
        device=choose_device(options.device),
        precision=options.precision,
    )
    prepare_folder(options.out)
    lock = lock_folder(options.out)
    try:
        samples = []
        for dataset, path in zip(datasets, paths, strict=True):
            with dataset.open(path) as chains:
                samples.append(draw_sample(dataset, chains, settings, progress))
        for model in models:
            checkpoint = Checkpoint(model, weights[model.name])
            names = run_model(checkpoint, samples, settings, options.out, _command(given), progress)
            for name in names:
                progress.say(f"{model.label}: wrote the run {name} to {options.out}")
    finally:
        if lock is not None:
            lock.release()


def _command(given: Sequence[str]) -> str:
    return "python -m precompute " + shlex.join(given)


def _weights_folder(model: Model, given: str | None, models: Sequence[Model]) -> Path:
    if given is None:
        raise AtlasError(
            f"The weights of {model.label} are needed: download {model.source} and name its "
            "folder with --weights."
        )
    folder = Path(given)
    return folder / model.name if len(models) > 1 else folder


def _data_path(dataset: Dataset, given: str | None, datasets: Sequence[Dataset]) -> Path:
    given = given or os.environ.get(DATA_FOLDER)
    if given is None:
        raise AtlasError(
            f"The data of {dataset.label} are needed: fetch {dataset.source} and name the file "
            "with --data."
        )
    if "=" in given and not Path(given).exists():
        by_name = dict(part.split("=", 1) for part in _names(given) if "=" in part)
        if dataset.name not in by_name:
            raise AtlasError(f"--data names no {dataset.name}: add {dataset.name}=PATH.")
        return locate(dataset, Path(by_name[dataset.name]))
    path = locate(dataset, Path(given))
    if len(datasets) > 1 and path == Path(given):
        raise AtlasError(
            f"{given} holds no {' or '.join(dataset.files)}; for several datasets give --data "
            "NAME=PATH,NAME=PATH."
        )
    return path


def _list_models(options: argparse.Namespace, given: Sequence[str]) -> None:  # noqa: ARG001
    from precompute.models.cache import cached_folder

    rows = []
    for model in MODELS.values():
        folder = cached_folder(model)
        here = f"in the hub's cache: {folder}" if folder else "not here: give --weights DIR"
        runs = "" if model.architecture in ARCHITECTURES else " (published results only)"
        rows.append(
            (
                model.name,
                f"{model.label}{runs}",
                f"{model.layers} × {model.heads}",
                model.architecture,
                f"hf.co/{model.source}",
                here,
            )
        )
    _print_table(("model", "name", "layers × heads", "architecture", "source", "here"), rows)


def _list_datasets(options: argparse.Namespace, given: Sequence[str]) -> None:  # noqa: ARG001
    folder = options.data or os.environ.get(DATA_FOLDER)
    rows = []
    for dataset in DATASETS.values():
        path = None
        if folder and Path(folder).exists():
            found = locate(dataset, Path(folder))
            path = found if found != Path(folder) else None
        rows.append(
            (
                dataset.name,
                ", ".join(dataset.properties),
                dataset.source,
                str(path) if path else "not here: give --data PATH",
            )
        )
    _print_table(("dataset", "properties", "source", "here"), rows)


def _build_published(options: argparse.Namespace, given: Sequence[str]) -> None:  # noqa: ARG001
    from precompute.published import TABLES_FOLDER
    from precompute.published.build import build_published

    for path in build_published(options.source, options.out or TABLES_FOLDER):
        print(path)


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
