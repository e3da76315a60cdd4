"""What a visitor reads of the server's files: their names, and not where they stand."""

from __future__ import annotations

import logging
import os
import re
from functools import lru_cache
from pathlib import Path

from dashboard.results.folders import results_folders

_PATH = re.compile(r"(?<![\w:/.~-])(?:/[^/\s'\"“”()]+){2,}/?")


def hide_paths(sentence: str) -> str:
    """Say folders of results by their names and other files by theirs; the log has the whole."""
    return _hide(sentence, results_folders())


@lru_cache(maxsize=256)
def _hide(sentence: str, folders: tuple[str, ...]) -> str:
    said = sentence
    local = {os.path.abspath(folder) for folder in folders if "://" not in folder}  # noqa: PTH100
    for root in sorted(local - {"/"}, key=len, reverse=True):
        said = said.replace(root, Path(root).name)
    said = _PATH.sub(lambda found: Path(found[0]).name, said)
    if said != sentence:
        logging.getLogger(__name__).warning("%s", sentence)
    return said
