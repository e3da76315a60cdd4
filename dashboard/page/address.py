"""Keep a page's choices and its address in step: every view has a URL.

A page lists its parameters, draws a widget for each under the key it is given, and
settles at the end::

    choices = Choices("layers", (Parameter("feature", SHOWN_FEATURES, "contact"), ...))
    feature = st.selectbox("Property", ..., **choices.widget("feature"))
    ...
    choices.settle(feature=feature)

The address is the truth when the visitor arrives by it (a pasted link, Back), the
widgets are when one of them was just used. Defaults are left out of addresses, so that
links stay short; names stay as they are, since links are kept in papers. What is wrong
in an address is ignored and said in `Choices.notes`.

Whoever leaves a page and comes back finds it as it was: the menu leads to each page's
last address (`last_address`), and Streamlit keeps the value of a widget that is not
drawn (`KEPT`), be it on another page or out of sight on this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.page.labels import labelled, restore
from dashboard.page.parameters import Parameter as Parameter
from dashboard.page.parameters import Value as Value
from dashboard.page.parameters import read_address as read_address
from dashboard.page.parameters import shorten
from dashboard.page.parameters import write_address as write_address
from dashboard.page.some import some_of

KEPT: dict[str, Any] = {"persist_state": "session"}
"""Arguments of a widget whose value lasts as long as the visit, drawn or not."""


_BEGUN = "_address_begun"
"""The page and the address at which `run_anew` was called."""


class Choices:
    """The choices of one page in one visit.

    Parameters
    ----------
    page
        The page's name in the menu, in lower case with underscores; begins the keys of
        its widgets.
    parameters
        What can be chosen.
    """

    def __init__(self, page: str, parameters: Sequence[Parameter]) -> None:
        self.page = page
        self.parameters = {parameter.name: parameter for parameter in parameters}
        self._arrive()

    def read(self, address: Mapping[str, Sequence[str]]) -> tuple[dict[str, Value], list[str]]:
        """Read the choices of an address, with a note for each thing that is wrong in it."""
        return read_address(list(self.parameters.values()), address)

    def write(self, values: Mapping[str, Value]) -> dict[str, list[str]]:
        """Write choices as query parameters."""
        return write_address(list(self.parameters.values()), values)

    @property
    def notes(self) -> list[str]:
        """What was ignored in the address the visitor came by, or put right since."""
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

    def widget(self, name: str, words: Callable[[str], str] | None = None) -> dict[str, Any]:
        """Give the arguments of a parameter's widget that keep it and the address in step.

        Parameters
        ----------
        name
            The parameter.
        words
            What a visitor reads for a value, where that is not the value; see `labelled`.
        """
        key = self.key(name)
        named = {"key": key} if words is None else labelled(key, words)
        return {**named, "on_change": self.touch, **KEPT}

    def set(self, name: str, value: Value) -> None:
        """Change a choice from a callback, as a clicked cell does."""
        self.correct(name, value)
        self.touch()

    def correct(self, name: str, value: Value, why: str = "") -> None:
        """Put a choice right that cannot be shown as it is; the visitor has changed nothing.

        Why is among the `notes` until they do: a page that waits for something draws itself anew.
        """
        if why and why not in self.notes:
            st.session_state[self._own("notes")] = [*self.notes, why]
        st.session_state[self.key(name)] = (
            value if isinstance(value, str) or not self.parameters[name].several else list(value)
        )

    def pass_by(self, why: str, *names: str) -> list[str]:
        """Say which of some choices the address has made, though what is shown leaves them no say.

        They stay as they are: another choice may bring them to bear.

        Parameters
        ----------
        why
            The reason, which ends a sentence.
        names
            The parameters that nothing on the page follows now.

        Returns
        -------
        list of str
            The sentence, among the `notes` from now on; none where it is there or not needed.
        """
        made = st.session_state.get(self._own("made"), ())
        said = [
            f"{name} = {', '.join(map(shorten, [held] if isinstance(held, str) else held))}"
            for name in names
            if name in made and (held := self[name]) not in (self.parameters[name].default, ())
        ]
        note = f"Ignored {some_of(said)} in the address: {why}."
        if not said or note in self.notes:
            return []
        st.session_state[self._own("notes")] = [*self.notes, note]
        return [note]

    def touch(self) -> None:
        """Note that a widget was used, so that it and not the address is obeyed.

        What is chosen is noted at once: whoever goes to another page before this one is
        drawn finds it later.
        """
        self._restore_labels()
        st.session_state[self._own("touched")] = _address()
        st.session_state[self._own("notes")] = []
        st.session_state[self._own("made")] = ()
        st.session_state[_last(self.page)] = self.link()

    def settle(self, **values: Value) -> None:
        """Write the choices to the address, if a widget has changed them.

        Parameters
        ----------
        values
            Choices that differ from what their widgets hold; the others are taken
            from the widgets.
        """
        if st.session_state.pop(self._own("touched"), None) is None:
            return
        address = self.link(**values)
        if _address() != address:
            st.query_params.from_dict(address)
        st.session_state[self._own("written")] = address
        st.session_state[_last(self.page)] = address

    def link(self, **values: Value) -> dict[str, list[str]]:
        """Give the query parameters of this view, some choices changed."""
        held = {name: self[name] for name in self.parameters}
        return self.write({**held, **values})

    def _own(self, name: str) -> str:
        return f"_address_{self.page}_{name}"

    def _arrive(self) -> None:
        """Set the widgets by the address, if the visitor has come by it."""
        self._restore_labels()
        state, address = st.session_state, self._here()
        # A click that another page has overtaken is obeyed under the address it was made at.
        shown = (state.get(self._own("touched")), state.get(self._own("written")))
        if address in (*shown, state.get(_last(self.page))):
            values, _ = self.read(address)
            for name, value in values.items():
                if self.key(name) not in state:
                    self.correct(name, value)
            self._forget_what_is_gone()
            return
        if not address and state.get(_last(self.page)):
            # By the menu's entry of this very page, where the browser still says the former one.
            st.query_params.clear()
        values, notes = self.read(address)
        for name, value in values.items():
            self.correct(name, value)
        state.pop(self._own("touched"), None)
        state[self._own("notes")] = notes
        state[self._own("made")] = tuple(address)
        state[self._own("written")] = address
        state[_last(self.page)] = self.link()

    def _restore_labels(self) -> None:
        restore(map(self.key, self.parameters))

    def _here(self) -> dict[str, list[str]]:
        """Give the address; for the browser's, what was chosen last where it cannot know yet.

        Nobody arrives by a run of a part of the page, or by one that the page itself has asked for.
        """
        state, address = st.session_state, _address()
        begun, last = state.pop(_BEGUN, None), state.get(_last(self.page))
        known = (last, state.get(self._own("touched")), state.get(self._own("written")))
        is_own = begun == (_script(), address) or _is_part()
        if last is None or address in known or not is_own:
            return address
        st.query_params.from_dict(last)
        return dict(last)

    def _forget_what_is_gone(self) -> None:
        """Drop values that are no longer there, such as a run whose folder was removed."""
        for name, parameter in self.parameters.items():
            held = st.session_state[self.key(name)]
            if parameter.several:
                good = [value for value in held or () if parameter.allows(value)]
                if len(good) != len(held or ()):
                    self.correct(name, tuple(good))
            elif held is not None and not parameter.allows(held):
                self.correct(name, parameter.default)


def run_anew() -> NoReturn:
    """Draw the page anew, as it stands.

    What asks for it may run by itself, a second after the visitor chose something and before the
    browser knows the new address: the former one that it still says is not obeyed.
    """
    st.session_state[_BEGUN] = (_script(), _address())
    st.rerun()


def _script() -> str:
    """Tell the page that is run from others."""
    context = get_script_run_ctx()
    return context.page_script_hash if context is not None else ""


def _is_part() -> bool:
    """Tell whether a part of the page alone is run."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def last_address(page: str) -> dict[str, list[str]]:
    """Give the query parameters of a page as this visitor saw it last; none before the first visit.

    Parameters
    ----------
    page
        As in `Choices`.
    """
    return dict(st.session_state.get(_last(page), {}))


def _last(page: str) -> str:
    return f"_address_{page}_last"


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
