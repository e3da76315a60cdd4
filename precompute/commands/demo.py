"""``train-demo`` and ``build-demo``: the small model that ships, and its results."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from precompute.demo.families import Family, deepest
from precompute.errors import AtlasError
from precompute.json_text import parse_json


def train_demo(options: argparse.Namespace) -> None:
    """Train the demo model on a folder of alignments; the same command resumes."""
    families = read_families(options.families_dir, options.families)

    # torch takes a second to import: what can be refused without it has been by now.
    import torch

    from precompute.demo.checkpoint import write_checkpoint
    from precompute.demo.training import Recipe, train

    if options.threads:
        torch.set_num_threads(options.threads)
    recipe = Recipe(seed=options.seed)
    if options.steps:
        recipe = replace(recipe, steps=options.steps)
    model = train(families, recipe, options.out / "training")
    write_checkpoint(model, families, options.out / "model")
    print(f"Wrote the checkpoint to {options.out / 'model'}; its log is in {options.out}/training.")


def build_demo(options: argparse.Namespace) -> None:
    """Rebuild the demo's checkpoint, results and card, and say what changed."""
    from precompute.demo import MODEL_FOLDER, RESULTS_FOLDER
    from precompute.demo.build import build_results
    from precompute.demo.card import eligible_arcs, replace_arcs, write_card
    from precompute.tables import HEAD_COUNTS, read_table

    results = options.work / "results"
    if options.results_only:
        names = build_results(
            MODEL_FOLDER, options.data, results, options.command, quiet=options.quiet
        )
        counts = read_table(str(results), HEAD_COUNTS, run=names[0])
        replace_arcs(MODEL_FOLDER / "README.md", eligible_arcs(counts))
        _ship(results, RESULTS_FOLDER)
        return
    families = read_families(options.data / "families", options.families)

    from precompute.demo.build import measure_quality

    if not (options.work / "model" / "config.json").is_file():
        options.families_dir, options.out = options.data / "families", options.work
        train_demo(options)
    model = options.work / "model"
    log = read_log(options.work / "training")
    names = build_results(model, options.data, results, options.command, quiet=options.quiet)
    perplexity, contacts = measure_quality(model, families, options.data, log.recipe["seed"])
    counts = read_table(str(results), HEAD_COUNTS, run=names[0])
    write_card(
        model / "README.md",
        families,
        log.recipe,
        log.trained,
        perplexity,
        contacts,
        eligible_arcs(counts),
    )
    _ship(model, MODEL_FOLDER)
    _ship(results, RESULTS_FOLDER)


def _ship(staging: Path, folder: Path) -> None:
    """Put what was built in the place of what ships, and say what changed."""
    from precompute.demo.build import replace_folder

    copy = staging.with_name(f"{staging.name}.ship")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(staging, copy, ignore=shutil.ignore_patterns(".*"))
    changes = replace_folder(copy, folder)
    print(f"{folder.name}: " + ("; ".join(changes) if changes else "nothing changed"))


def read_families(folder: Path, count: int) -> list[Family]:
    """Read the deepest families of a folder.

    Raises
    ------
    AtlasError
        When there are fewer than asked for.
    """
    families = deepest(folder, count)
    if count > len(families):
        raise AtlasError(
            f"{folder} holds {len(families)} alignments, and --families asks for {count}."
        )
    return families


@dataclass(frozen=True)
class Log:
    """What a finished training left: its recipe, and its length and loss."""

    recipe: dict[str, Any]
    trained: dict[str, Any]


def read_log(folder: Path) -> Log:
    """Read what a finished training left in its folder.

    Raises
    ------
    AtlasError
        When the training has not been finished there.
    """
    try:
        recipe = parse_json((folder / "recipe.json").read_text())["recipe"]
        trained = parse_json((folder / "trained.json").read_text())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AtlasError(f"{folder} holds no finished training; train the model first.") from error
    return Log(recipe, trained)
