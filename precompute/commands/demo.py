"""``train-demo`` and ``build-demo``: the small model that ships, and its results."""

from __future__ import annotations

import argparse
from dataclasses import replace

from precompute.demo.families import deepest
from precompute.errors import AtlasError


def train_demo(options: argparse.Namespace) -> None:
    """Train the demo model on a folder of alignments; the same command resumes."""
    families = deepest(options.families_dir, options.families)
    if options.families > len(families):
        raise AtlasError(
            f"{options.families_dir} holds {len(families)} alignments, and --families asks for "
            f"{options.families}."
        )
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
