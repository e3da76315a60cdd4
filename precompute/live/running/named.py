"""Models that whoever runs the server names beside the registry's, each with its folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from precompute.errors import AtlasError
from precompute.live.running.inference import Offer
from precompute.models import ARCHITECTURES, MODELS, RECURRENT, WITHOUT_ATTENTION
from precompute.models.checkpoint import PROFILES_FILE, weight_files
from precompute.models.configuration import architecture_of, check_config, read_config
from precompute.models.own import describe_own
from precompute.models.weights import (
    Remembered,
    Weights,
    cached_weights,
    folder_digest,
    folder_stamp,
)
from precompute.one_line import one_line

MODELS_VARIABLE = "ATLAS_MODELS"
"""Environment variable: ``name=folder`` or ``name=architecture:folder``, separated by commas."""
_LONGEST_NAME = 64


def named_offers() -> tuple[dict[str, Offer], list[str]]:
    """Offer the models of `MODELS_VARIABLE`.

    Returns
    -------
    tuple
        Those with attention by name, and a sentence about each that cannot be run. No sentence
        says where a folder is: visitors read it, and the log has the whole.
    """
    found: dict[str, Offer] = {}
    problems: list[str] = []
    for name, offer in _named(problems):
        if offer.model.attends:
            found[name] = offer
    return found, problems


def comparing_offers() -> dict[str, Offer]:
    """List by name the models without attention that compare two proteins and are here.

    Those of `MODELS_VARIABLE`, and the registry's where whoever runs the server keeps weights.
    """
    here = {
        name: Offer(model, weights)
        for name, model in WITHOUT_ATTENTION.items()
        if (weights := cached_weights(model)) is not None
    }
    return {name: offer for name, offer in _named([]) if not offer.model.attends} | here


def _named(problems: list[str]) -> Iterator[tuple[str, Offer]]:
    """Give each model of `MODELS_VARIABLE` that can be run, and say why not of the others."""
    found = set()
    for entry in filter(None, map(str.strip, os.environ.get(MODELS_VARIABLE, "").split(","))):
        name, _, place = entry.partition("=")
        name, place = one_line(name), place.strip()
        try:
            if name in found:
                raise AtlasError(f"{MODELS_VARIABLE} names {name} twice; the first is offered.")
            offer = offer_folder(name, *_split(place))
        except AtlasError as error:
            problems.append(str(error))
            continue
        found.add(name)
        yield name, offer


def offer_folder(name: str, architecture: str, folder: str) -> Offer:
    """Offer a checkpoint under a name.

    Parameters
    ----------
    name
        What it is called; any signs.
    architecture
        Key of `ARCHITECTURES`; empty where the configuration is to say it.
    folder
        The checkpoint.

    Raises
    ------
    AtlasError
        When it cannot be run; without the folder's place.
    """
    if not name or not folder:
        raise AtlasError(f"{MODELS_VARIABLE} is name=folder,name=folder; one of them is not.")
    if len(name) > _LONGEST_NAME:
        raise AtlasError(
            f"The model’s name {name[:20]}… has {len(name):,} signs; choose one of at most "
            f"{_LONGEST_NAME}."
        )
    if name in MODELS | WITHOUT_ATTENTION:
        raise AtlasError(
            f"{name} is a model of the registry: choose another name in {MODELS_VARIABLE}, or "
            "put its checkpoint into ATLAS_WEIGHTS."
        )
    place = Path(folder).absolute()
    return _offer(name, architecture, str(place), folder_stamp(place))


def _split(place: str) -> tuple[str, str]:
    """Tell an architecture from the folder behind it."""
    before, colon, behind = place.partition(":")
    known = colon and before.strip() in ARCHITECTURES | RECURRENT
    return (before.strip(), behind.strip()) if known else ("", place)


def remembered_offer(one: Remembered) -> Offer | None:
    """Offer a run's checkpoint; None where it lies there no more, or is not as it was."""
    folder = Path(one.folder)
    if one.architecture not in ARCHITECTURES or folder_digest(folder) != one.files:
        return None
    try:
        own = _offer(one.model, one.architecture, one.folder, folder_stamp(folder))
    except AtlasError:
        return None  # the log has why
    model = MODELS.get(one.model, own.model)
    label = f"{one_line(model.label)}, weights {one_line(one.weights_sha256[:8])}"
    return Offer(replace(model, label=label, ships=False), own.here)


@lru_cache(maxsize=64)
def _offer(name: str, architecture: str, folder: str, stamp: str) -> Offer:
    """Look at a checkpoint once for each state of its folder."""
    del stamp
    path = Path(folder)
    try:
        return _look(name, architecture, path)
    except (AtlasError, OSError) as error:
        logging.getLogger(__name__).warning("%s: %s", name, error)
        said = error.strerror or "" if isinstance(error, OSError) else str(error)
        said = said.replace(f"{path}{os.sep}", "").replace(str(path), "its folder").rstrip(".")
        raise AtlasError(f"The model {name} is not offered: {said}.") from error


def _look(name: str, architecture: str, folder: Path) -> Offer:
    if not folder.is_dir():
        raise AtlasError("its folder is not there")
    configured = (folder / "config.json").is_file()
    if not (configured or architecture):
        raise AtlasError(
            "its folder has no config.json; name its architecture, as in name=architecture:folder"
        )
    # Without a configuration the weights say it, and only the process that runs models reads them.
    config = read_config(folder) if configured else {}
    architecture = architecture or architecture_of(config, (folder / PROFILES_FILE).is_file()) or ""
    if not architecture:
        given = one_line(str(config.get("model_type", "none")))[:40]
        raise AtlasError(
            f"its config.json has the model_type {given}; "
            f"name one of the architectures {', '.join(ARCHITECTURES)}, as in "
            "name=architecture:folder"
        )
    check_config(config, architecture, folder)
    weight_files(folder)
    weights = Weights(folder, f"a folder in {MODELS_VARIABLE}")
    return Offer(describe_own(name, architecture, folder, config), weights)
