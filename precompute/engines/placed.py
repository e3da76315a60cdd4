"""A model on its device: what everything that measures shards begins with."""

from __future__ import annotations

from typing import Any

import torch

from precompute.devices import describe_device, place_adapter
from precompute.engines.work import Work


class PlacedModel:
    """A work's model, loaded once and placed.

    Parameters
    ----------
    work
        What to load.
    device
        Where; the settings' device by default.

    Raises
    ------
    AtlasError
        When the checkpoint cannot be used.
    """

    def __init__(self, work: Work[Any], device: torch.device | None = None) -> None:
        self._device = device or torch.device(work.settings.device)
        self._adapter = work.checkpoint.load()
        place_adapter(self._adapter, work.settings, self._device)

    @property
    def device(self) -> str:
        """The device, as tables name it."""
        return describe_device(self._device)
