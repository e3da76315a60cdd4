"""``run --pairs``: measure models on pairs of proteins, each pair one input."""

from __future__ import annotations

import argparse

from precompute.commands.run import (
    check_model,
    choose_any_model,
    find_data,
    open_engine,
    own_weights,
    split_names,
)
from precompute.datasets import find_dataset
from precompute.errors import AtlasError
from precompute.models import MODELS, WITHOUT_ATTENTION


def run_over_pairs(options: argparse.Namespace) -> None:
    """Check the request, choose the pairs, and run each model over them.

    Raises
    ------
    AtlasError
        When pairs of this kind cannot be run, before the first is.
    """
    datasets = [find_dataset(name) for name in split_names(options.dataset)]
    models = [choose_any_model(name, options) for name in split_names(options.model)]
    if len(datasets) != 1 or not models:
        raise AtlasError("--pairs takes one --dataset, of which both proteins of a pair are.")
    for model in models:
        if not model.reads_pairs:
            known = [name for name, one in (MODELS | WITHOUT_ATTENTION).items() if one.reads_pairs]
            raise AtlasError(
                f"{model.label} does not read two proteins as one input: choose one of BERT's "
                f"shape, such as {', '.join(known)}."
            )
    if options.max_length < 5:
        raise AtlasError("--max-length counts three special tokens of a pair: give 5 or more.")
    named = (
        *("depth", "thin", "windows", "sites", "site-class", "nulls", "regression"),
        *("keep-matrices", "proteins"),
    )
    unused = {f"--{name}": getattr(options, name.replace("-", "_")) for name in named}
    for name, given in unused.items():
        # 0 is something that was given, too.
        if given is not None and given is not False:
            raise AtlasError(f"{name} is of no use with --pairs: leave it out.")
    for model in models:
        check_model(model, options.weights, models, options.max_length)
    (dataset,) = datasets
    path = find_data(dataset, options.data, datasets, quiet=options.quiet)

    # torch takes a second to import: what can be refused without it has been by now.
    from precompute.devices import default_batch_tokens
    from precompute.folder_lock import locked_folder
    from precompute.models.loading import Checkpoint
    from precompute.progress import Progress
    from precompute.protein_pairs.plan import print_pairs_plan
    from precompute.protein_pairs.run import choose_pairs, run_pairs
    from precompute.results_folder import prepare_folder
    from precompute.settings import Settings

    progress = Progress(quiet=options.quiet)
    prepare_folder(options.out)
    with locked_folder(options.out, progress.say), open_engine(options, progress.say) as engine:
        device = engine.choose_device(options.device)
        settings = Settings(
            seed=None if options.no_shuffle else options.seed,
            max_length=options.max_length,
            device=device,
            precision=options.precision,
            batch_tokens=default_batch_tokens(device, options.batch_tokens),
        )
        with dataset.open(path) as chains:
            sample = choose_pairs(dataset, chains, options.pairs, settings.seed, progress)
            for model in models:
                weights = own_weights(model, options.weights, models, progress.say)
                if options.dry_run:
                    checkpoint = Checkpoint(model, weights)
                    print_pairs_plan(checkpoint, sample, settings, options.out, progress)
                    continue
                name = run_pairs(
                    Checkpoint(model, weights),
                    sample,
                    settings,
                    options.out,
                    options.command,
                    progress,
                    engine,
                )
                progress.say(f"{model.label}: wrote the run {name} to {options.out}")
