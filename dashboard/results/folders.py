"""Which results folders are read, by the pages and by the shell; without Streamlit."""

from __future__ import annotations

import os
from pathlib import Path

from precompute.demo import RESULTS_FOLDER as DEMO_RESULTS
from precompute.environment import read_switch

RESULTS_VARIABLE = "ATLAS_RESULTS"
"""Environment variable that names the results folders: paths or URLs, separated by commas."""
DEFAULT_FOLDER = "results"
DEMO_VARIABLE = "ATLAS_DEMO"
"""Set to 0, it hides the results of the demo model that ships with the project."""


def results_folders() -> tuple[str, ...]:
    """Name the results folders: `RESULTS_VARIABLE`, or ``results`` if there is one; the demo's."""
    named = os.environ.get(RESULTS_VARIABLE)
    default = Path(DEFAULT_FOLDER)
    if named is not None:
        folders = [part.strip() for part in named.split(",") if part.strip()]
    else:
        folders = [DEFAULT_FOLDER] if _holds_something(default) else []
    if read_switch(DEMO_VARIABLE, default=True) and DEMO_RESULTS.is_dir():
        folders.append(str(DEMO_RESULTS))
    return tuple(dict.fromkeys(folders))


def _holds_something(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except FileNotFoundError:
        return False
    except OSError:  # no folder, or not to be read: its reader says so
        return True
