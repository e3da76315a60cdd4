"""``published``: rebuild the paper's tables."""

from __future__ import annotations

import argparse

from precompute.published import TABLES_FOLDER
from precompute.published.build import build_published


def rebuild_published(options: argparse.Namespace) -> None:
    """Rebuild the tables and print their paths."""
    for path in build_published(options.source, options.out or TABLES_FOLDER):
        print(path)
