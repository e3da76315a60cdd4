"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from precompute import __version__


def describe_machine() -> dict[str, str]:
    """Describe processor, cores, memory, system and versions; nothing that names a host."""
    described = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "atlas": __version__,
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": _version("torch"),
        "transformers": _version("transformers"),
        "streamlit": _version("streamlit"),
    }
    device = _device()
    return {**described, "CUDA device": device or "none"}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a GPU node has no dashboard
        return "not here"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ""
