"""Keep a page's choices and its address in step: every view has a URL.

A page lists its parameters, draws a widget for each under the key it is given, and
settles at the end::

    choices = Choices("layers", (Parameter("feature", PAPER_FEATURES, "contact"), ...))
    feature = st.selectbox("Property", ..., **choices.widget("feature"))
    ...
    choices.settle(feature=feature)

The address is the truth when the visitor arrives by it (a pasted link, Back), the
widgets are when one of them was just used. Defaults are left out of addresses, so that
links stay short; names stay as they are, since links are kept in papers. What is wrong
in an address is ignored and said in `Choices.notes`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.address_notes import keep_few, say_ignored, say_left_out, shorten
from dashboard.address_values import find_value

Value = str | tuple[str, ...]
"""What a parameter holds: one value, or several."""


@dataclass(frozen=True)
class Parameter:
    """One choice of a page.

    Attributes
    ----------
    name
        In the address.
    allowed
        Its values, or what tells a good one.
    default
        Its value where the address has none; a tuple where it takes several.
    most
        How many values are taken at most.
    """

    name: str
    allowed: Collection[str] | Callable[[str], bool]
    default: Value
    most: int = 5

    @property
    def several(self) -> bool:
        """Whether it takes several values."""
        return isinstance(self.default, tuple)

    def allows(self, value: str) -> bool:
        """Tell whether a value is good."""
        return self.allowed(value) if callable(self.allowed) else value in self.allowed

    def read(self, text: str) -> str | None:
        """Give the value that a text means, or None where it is not a good one."""
        if callable(self.allowed):
            return text if self.allowed(text) else None
        return find_value(text, self.allowed)


def read_address(
    parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Value], list[str]]:
    """Read the choices of an address; what is wrong is left out and said.

    Parameters
    ----------
    parameters
        What the page has.
    given
        Every value of every query parameter.

    Returns
    -------
    tuple
        A value for each parameter, and one note for each ignored value. A note holds
        the visitor's text: show it as plain text only.
    """
    values: dict[str, Value] = {}
    notes: list[str] = []
    for parameter in parameters:
        texts = list(dict.fromkeys(given.get(parameter.name, ())))
        read = {text: parameter.read(text) for text in texts}
        good = list(dict.fromkeys(value for value in read.values() if value is not None))
        bad = [text for text, value in read.items() if text and value is None]
        values[parameter.name] = parameter.default
        if parameter.several:
            notes += [say_ignored(parameter.name, text) for text in bad]
            notes += say_left_out(parameter.name, good, parameter.most)
            # No value at all cannot be told from a parameter left out: it is one empty value.
            if good or texts == [""]:
                values[parameter.name] = tuple(good[: parameter.most])
        elif texts:
            last = read[texts[-1]]
            if last is not None:
                values[parameter.name] = last
            elif texts[-1]:
                notes.append(say_ignored(parameter.name, texts[-1]))
    known = {parameter.name for parameter in parameters}
    notes += [
        f"Ignored the unknown parameter {shorten(name)}." for name in given if name not in known
    ]
    return values, keep_few(notes)


def write_address(
    parameters: Sequence[Parameter], values: Mapping[str, Value]
) -> dict[str, list[str]]:
    """Write choices as query parameters, defaults left out."""
    written = {}
    for parameter in parameters:
        value = values.get(parameter.name, parameter.default)
        if value != parameter.default:
            written[parameter.name] = [value] if isinstance(value, str) else list(value) or [""]
    return written


class Choices:
    """The choices of one page in one visit.

    Parameters
    ----------
    page
        Begins the keys of the page's widgets.
    parameters
        What can be chosen.
    """

    def __init__(self, page: str, parameters: Sequence[Parameter]) -> None:
        self.page = page
        self.parameters = {parameter.name: parameter for parameter in parameters}
        self._arrive()

    @property
    def notes(self) -> list[str]:
        """What was ignored in the address the visitor came by."""
        return list(st.session_state.get(self._own("notes"), ()))

    def __getitem__(self, name: str) -> Any:
        """Give a choice as it stands: a text, or a tuple of texts."""
        parameter = self.parameters[name]
        value = st.session_state.get(self.key(name), parameter.default)
        if parameter.several:
            return tuple(value or ())
        return parameter.default if value is None else value

    def key(self, name: str) -> str:
        """Give the key of a parameter's widget."""
        return f"{self.page}_{self.parameters[name].name}"

    def widget(self, name: str) -> dict[str, Any]:
        """Give the arguments ``key`` and ``on_change`` of a parameter's widget."""
        return {"key": self.key(name), "on_change": self.touch}

    def set(self, name: str, value: Value) -> None:
        """Change a choice from a callback, as a clicked cell does."""
        st.session_state[self.key(name)] = (
            value if isinstance(value, str) or not self.parameters[name].several else list(value)
        )
        self.touch()

    def touch(self) -> None:
        """Note that a widget was used, so that it and not the address is obeyed."""
        st.session_state[self._own("touched")] = True
        st.session_state[self._own("notes")] = []

    def settle(self, **values: Value) -> None:
        """Write the choices to the address, if a widget has changed them.

        Parameters
        ----------
        values
            Choices that differ from what their widgets hold; the others are taken
            from the widgets.
        """
        if not st.session_state.pop(self._own("touched"), False):
            return
        held = {name: self[name] for name in self.parameters}
        address = write_address(list(self.parameters.values()), {**held, **values})
        if _address() != address:
            st.query_params.from_dict(address)
        st.session_state[self._own("written")] = address

    def link(self, **values: Value) -> dict[str, list[str]]:
        """Give the query parameters of this view, some choices changed."""
        held = {name: self[name] for name in self.parameters}
        return write_address(list(self.parameters.values()), {**held, **values})

    def _own(self, name: str) -> str:
        return f"_address_{self.page}_{name}"

    def _arrive(self) -> None:
        """Set the widgets by the address, if the visitor has come by it."""
        state, address = st.session_state, _address()
        values, notes = read_address(list(self.parameters.values()), address)
        here = any(self.key(name) in state for name in self.parameters)
        if here and (state.get(self._own("touched")) or state.get(self._own("written")) == address):
            # Streamlit forgets a widget that was not drawn: it has the address's value again.
            for name, value in values.items():
                if self.key(name) not in state:
                    state[self.key(name)] = list(value) if isinstance(value, tuple) else value
            self._forget_what_is_gone()
            return
        for name, value in values.items():
            state[self.key(name)] = list(value) if isinstance(value, tuple) else value
        state[self._own("notes")] = notes
        state[self._own("written")] = address

    def _forget_what_is_gone(self) -> None:
        """Drop values that are no longer there, such as a run whose folder was removed."""
        for name, parameter in self.parameters.items():
            held = st.session_state[self.key(name)]
            if parameter.several:
                good = [value for value in held or () if parameter.allows(value)]
                if len(good) != len(held or ()):
                    st.session_state[self.key(name)] = good
            elif held is not None and not parameter.allows(held):
                st.session_state[self.key(name)] = parameter.default


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
