"""What whoever runs the server has set: looked at before anything is served."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from streamlit import config

from dashboard.page.login import LOGIN_VARIABLE
from dashboard.results.folders import DEMO_VARIABLE, RESULTS_VARIABLE
from dashboard.structure.molecule import VIEWER_VARIABLE, choose_renderer
from precompute.environment import read_switch
from precompute.errors import AtlasError
from precompute.live import settings
from precompute.live.getting.downloading import (
    ALPHAFOLD,
    CACHE_VARIABLE,
    ESMFOLD,
    RCSB,
    base_url,
    cache_folder,
)
from precompute.live.running.inference import DOWNLOADS_VARIABLE
from precompute.live.running.named import MODELS_VARIABLE
from precompute.live.running.store import BYTES_VARIABLE, read_limit
from precompute.log import LOG_VARIABLE
from precompute.models.weights import WEIGHTS_VARIABLE
from precompute.one_line import one_line

METRICS_VARIABLE = "ATLAS_METRICS"
"""Environment variable: a port, or ``address:port``; without an address this machine's own."""

_CHECKED: dict[str, Callable[[], object]] = {
    settings.RESIDUES_VARIABLE: settings.longest_chain,
    settings.MEGABYTES_VARIABLE: settings.largest_file,
    settings.CELLS_VARIABLE: settings.most_cells,
    BYTES_VARIABLE: read_limit,
    **{
        name: partial(read_switch, name, default=True)
        for name in (DEMO_VARIABLE, LOGIN_VARIABLE, DOWNLOADS_VARIABLE, LOG_VARIABLE)
    },
    **{service.variable: partial(base_url, service) for service in (RCSB, ALPHAFOLD, ESMFOLD)},
}
"""What reads a setting, and refuses it where it means nothing."""

SETTINGS = {
    *_CHECKED,
    *(RESULTS_VARIABLE, CACHE_VARIABLE, MODELS_VARIABLE, WEIGHTS_VARIABLE),
    *(METRICS_VARIABLE, VIEWER_VARIABLE),
    *("ATLAS_DATA", "ATLAS_DATA_URL", "ATLAS_DSSP"),  # of commands, not of the server
}
"""Every environment variable of this project that is read."""


def wrong_settings() -> list[str]:
    """Say in one sentence each which settings mean nothing: nothing is served under them."""
    found = []
    for read in _CHECKED.values():
        try:
            read()
        except AtlasError as problem:
            found.append(str(problem))
    return found


def odd_settings() -> Iterator[str]:
    """Say in one sentence each which settings do nothing, though all works without them."""
    for name in sorted(os.environ):
        if name.startswith("ATLAS_") and name not in SETTINGS:
            near = get_close_matches(name, SETTINGS, 1, 0.8)
            yield f"{one_line(name)} is no setting and does nothing" + (
                f": is {near[0]} meant?" if near else "; docs/hosting.md has those that do."
            )
    weights = os.environ.get(WEIGHTS_VARIABLE, "").strip()
    if weights and not Path(weights).is_dir():
        yield f"{WEIGHTS_VARIABLE} names no folder that is there: no model of it is offered."
    folder = cache_folder()
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield f"{CACHE_VARIABLE}: entries cannot be kept there, and are fetched each time."
    taken = config.get_option("server.maxUploadSize")
    if settings.largest_file() > taken:
        yield (
            f"{settings.MEGABYTES_VARIABLE} is {settings.largest_file():,} and Streamlit takes "
            f"{taken:,} MB: set STREAMLIT_SERVER_MAX_UPLOAD_SIZE too."
        )
    if (viewer := choose_renderer()[1]) is not None:
        yield viewer
