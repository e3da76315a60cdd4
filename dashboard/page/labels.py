"""Keep what is chosen while its label changes under it.

A browser answers with the label of what is chosen, never with the value, and Streamlit leaves
the label that stands there when a list is written anew: a model whose weights have come keeps
its "(download 1.5 GB)", and the next answer of that browser is a label of no value, by which the
choice is lost. So labels are remembered for the visit: the browser is told the new one, and an
answer by a former one is read as what it meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

_KNOWN = "_labels"
"""What is remembered of a visit: by a widget's key, its `_Labels`."""
_MOST = 5_000
"""Labels of a widget that are remembered; what is older is forgotten when there are more."""


@dataclass
class _Labels:
    """The value of each label that was drawn, and each value's last label."""

    meant: dict[str, Any] = field(default_factory=dict)
    said: dict[Any, str] = field(default_factory=dict)


def labelled(key: str, words: Callable[[Any], str]) -> dict[str, Any]:
    """Give the arguments of a widget with options that name it and label its values.

    Parameters
    ----------
    key
        The widget's.
    words
        What a visitor reads for a value; may say something else another time.

    Returns
    -------
    dict
        ``key`` and ``format_func``.
    """
    labels = _known().setdefault(key, _Labels())
    meant, said = labels.meant, labels.said
    if any(_is_new(said, value, words) for value in _restore(key, labels)):
        # What is set, be it to what it was, is told to the browser with its label.
        st.session_state[key] = st.session_state[key]
    if len(meant) > _MOST:
        meant.clear()
        said.clear()

    def label(value: Any) -> str:
        text = words(value)
        meant[text], said[value] = value, text
        return text

    return {"key": key, "format_func": label}


def _is_new(said: dict[Any, str], value: Any, words: Callable[[Any], str]) -> bool:
    """Tell whether a value has another label than it was drawn with."""
    try:
        return value in said and said[value] != words(value)
    except LookupError:  # it is in the list no more
        return False


def restore(keys: Iterable[str]) -> None:
    """Read answers of some widgets by a former label as the values that they meant."""
    known = _known()
    for key in keys:
        if (labels := known.get(key)) is not None:
            _restore(key, labels)


def _restore(key: str, labels: _Labels) -> list[Any]:
    """Read a widget's answer as the values that it means, and give them."""
    held = _held(key)
    values = [labels.meant.get(one, one) if one not in labels.said else one for one in held]
    if values != held:
        several = isinstance(st.session_state[key], list | tuple)
        st.session_state[key] = values if several else values[0]
    return values


def forget_labels(key: str) -> None:
    """Forget the labels of a list that gives way to one of other things."""
    _known().pop(key, None)


def _held(key: str) -> list[Any]:
    held = st.session_state.get(key)
    if held is None:
        return []
    return list(held) if isinstance(held, list | tuple) else [held]


def _known() -> dict[str, _Labels]:
    known: dict[str, _Labels] = st.session_state.setdefault(_KNOWN, {})
    return known
