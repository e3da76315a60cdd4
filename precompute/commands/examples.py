"""``examples``: rebuild the example proteins."""

from __future__ import annotations

import argparse

from precompute.examples.build import build_examples
from precompute.examples.schema import EXAMPLE_TABLES, TABLES_FOLDER


def rebuild_examples(options: argparse.Namespace) -> None:
    """Rebuild the tables and say what changed."""
    target = options.out or TABLES_FOLDER
    changes = build_examples(options.data, target)
    print("\n".join(changes) if changes else "nothing changed")
    print(f"Wrote {len(EXAMPLE_TABLES)} tables to {target}.")
