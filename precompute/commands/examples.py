"""``examples`` and ``example-arcs``: rebuild the example proteins, and one's arcs."""

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


def rebuild_example_arcs(options: argparse.Namespace) -> None:
    """Run the demo model on the example whose arcs ship, and keep them."""
    from precompute.demo.example_arcs import EXAMPLE, write_example_arcs

    target = options.out or TABLES_FOLDER
    count = write_example_arcs(target)
    print(f"Wrote {count} arcs of the demo model on {EXAMPLE} to {target}.")
