"""Take typed fields out of an untrusted record, with a sentence when one is not there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.errors import AtlasError


def text_field(record: dict[str, Any], name: str) -> str:
    """Take a text, given as str or as bytes."""
    value = _field(record, name)
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if not isinstance(value, str):
        raise AtlasError(f"{name} is {type(value).__name__}, not a text.")
    return value


def identifier_field(record: dict[str, Any], number: int) -> str:
    """Take the identifier; ProteinNet's older files have none, then it is the number."""
    return text_field(record, "id") if "id" in record else f"record {number}"


def array_field(
    record: dict[str, Any], name: str, shape: tuple[int, ...], kind: str
) -> NDArray[Any]:
    """Take an array of a given shape.

    Parameters
    ----------
    record, name
        The record and the field's name.
    shape
        Shape it must have.
    kind
        ``number``, ``integer`` or ``boolean``; integers 0 and 1 pass as booleans. Numbers
        that are masked or None become NaN.
    """
    value = _field(record, name)
    _refuse_texts(value, name, kind)
    try:
        if isinstance(value, np.ma.MaskedArray) and kind == "number":
            value = np.ma.filled(np.ma.asarray(value, dtype=np.float64), np.nan)
        array = np.asarray(value)
        if array.dtype == object and array.shape == shape and kind == "number":
            array = array.astype(np.float64)  # None becomes NaN
    except (ValueError, TypeError) as error:
        raise AtlasError(f"{name} is no array: {error}.") from error
    kinds = {"number": "fiu", "integer": "iu", "boolean": "biu"}[kind]
    if array.size and array.dtype.kind not in kinds:
        raise AtlasError(f"{name} holds {array.dtype}, not {kind}s.")
    if array.shape != shape:
        raise AtlasError(
            f"{name} has shape {array.shape}, which does not fit a sequence of {shape[0]} residues."
        )
    return array.astype(bool) if kind == "boolean" else array


def sites_field(record: dict[str, Any], name: str, residues: int) -> NDArray[np.bool_]:
    """Label the residues whose PDB number is among those that a field lists.

    ``positions`` gives each residue's PDB number, with gaps and repeats (insertion
    codes): every residue of a listed number is labelled, as in the paper.
    """
    positions = array_field(record, "positions", (residues,), "integer")
    listed = _field(record, name)
    if not isinstance(listed, (list, tuple, set, frozenset, np.ndarray)):
        raise AtlasError(f"{name} is {type(listed).__name__}, not a list.")
    _refuse_texts(listed, name, "residue number")
    sites = np.asarray(list(listed))
    if sites.size and sites.dtype.kind not in "iu":
        raise AtlasError(f"{name} holds {sites.dtype}, not residue numbers.")
    return np.isin(positions, sites)


def _refuse_texts(value: Any, name: str, kind: str) -> None:
    """Refuse a list with a text in it: as an array each of its values would be as long."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (str, bytes, bytearray)):
            raise AtlasError(f"{name} holds texts, not {kind}s.")
        if isinstance(part, (list, tuple, set, frozenset)):
            waiting += [own for own in part if not isinstance(own, (int, float))]


def _field(record: dict[str, Any], name: str) -> Any:
    if name not in record:
        names = sorted(key[:40] for key in record if isinstance(key, str))
        known = ", ".join(names[:20]) or "nothing"
        raise AtlasError(f"there is no {name}, only {known}: the file is of another dataset.")
    return record[name]
