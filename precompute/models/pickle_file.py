"""Read files of weights that are pickles: tensors, and what is allowed by name beside them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from precompute.errors import AtlasError


def load_pickle(path: Path, allowed: Sequence[type] = ()) -> Any:
    """Read a pickle of tensors, mapped from disk where its format allows.

    Parameters
    ----------
    path
        The file.
    allowed
        Types that may stand beside tensors.

    Raises
    ------
    AtlasError
        When it is damaged, or asks for anything else.
    """
    import torch

    with damage_said(path), torch.serialization.safe_globals(list(allowed)):
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except RuntimeError as error:
            if "mmap" not in str(error):
                raise
            return torch.load(path, map_location="cpu", weights_only=True)


@contextmanager
def damage_said(path: Path) -> Iterator[None]:
    """Put what reading a damaged file raises into a sentence.

    Raises
    ------
    AtlasError
        Naming the file.
    """
    try:
        yield
    except pickle.UnpicklingError as error:
        raise AtlasError(
            f"{path} asks for code and was refused; take weights from a source you trust, "
            "as safetensors if there are any."
        ) from error
    except MemoryError:
        raise
    except UnicodeEncodeError as error:
        raise AtlasError(
            f"{path} is not opened under a path that is no text in UTF-8: rename its folder."
        ) from error
    except Exception as error:  # a damaged file raises whatever its parser meets
        raise AtlasError(
            f"{path} is damaged or no file of weights ({type(error).__name__}); fetch it anew."
        ) from error
