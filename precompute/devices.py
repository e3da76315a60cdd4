"""Devices: choose one, put a model on it, name it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from precompute.errors import AtlasError
from precompute.models.configuration import check_longest, longest_asked
from precompute.settings import Settings

if TYPE_CHECKING:
    from precompute.models.adapter import Adapter


def choose_device(name: str) -> str:
    """Resolve ``auto`` to the best device there is, and check that a named one is there.

    Raises
    ------
    AtlasError
        When the device is not there.
    """
    available: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "cpu": lambda: True,
    }
    if name == "auto":
        return next(device for device, there in available.items() if there())
    if not available[name]():
        raise AtlasError(f"There is no {name} device here; choose --device auto or cpu.")
    return name


def default_batch_tokens(device: str, asked: int | None) -> int:
    """Choose the tokens of a batch: one protein at a time on a CPU, where a batch is no faster."""
    if asked is not None:
        return asked
    return 0 if device == "cpu" else 8192


def place_adapter(adapter: Adapter, settings: Settings, device: torch.device) -> None:
    """Put a model on a device in its number type.

    Raises
    ------
    AtlasError
        When the model cannot read inputs of the length asked for.
    """
    longest = longest_asked(adapter.max_tokens, adapter.special_tokens)
    check_longest("The model", longest, settings.max_length)
    adapter.to(device, getattr(torch, settings.precision))


def describe_device(device: torch.device) -> str:
    """Name a device for the `runs` table."""
    if device.type == "cuda":
        return f"cuda: {torch.cuda.get_device_name(device)}"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"cpu: {threads} thread{'' if threads == 1 else 's'}"
    return device.type
