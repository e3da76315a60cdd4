"""What a page's address may hold, read and written; without Streamlit.

Notes about what is wrong in an address hold a visitor's text: show them as plain text only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.page.some import some_of

Value = str | tuple[str, ...]
"""What a parameter holds: one value, or several."""
_NUMBER = re.compile(r"[0-9]{0,6}\.?[0-9]{1,6}")
_LONGEST_SHOWN = 60
_MOST_NOTES = 6


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
    fits
        Whether a value goes with those of the parameters before it.
    implied
        Its value where an address lacks it and names one of these parameters, the first of them
        that it names: links that are older than this parameter show what they have shown.
    """

    name: str
    allowed: Collection[str] | Callable[[str], bool]
    default: Value
    most: int = 5
    fits: Callable[[str, Mapping[str, Value]], bool] | None = None
    implied: Mapping[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether it takes several values."""
        return isinstance(self.default, tuple)

    def allows(self, value: str) -> bool:
        """Tell whether a value is good; the default is."""
        if value == self.default:
            return True
        return self.allowed(value) if callable(self.allowed) else value in self.allowed

    def unsaid(self, named: Collection[str]) -> Value:
        """Give its value in an address that lacks it, by what that does name."""
        meant = next((self.implied[name] for name in self.implied if name in named), None)
        return self.default if meant is None or not self.allows(meant) else meant

    def label(self, value: str) -> str:
        """Give what a visitor reads for a value: its own text, if it has one."""
        text = self.allowed[value] if isinstance(self.allowed, Mapping) else value
        return text if isinstance(text, str) else value

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
        A value for each parameter, and one note for each ignored value.
    """
    values: dict[str, Value] = {}
    notes: list[str] = []
    for parameter in parameters:
        texts = list(dict.fromkeys(given.get(parameter.name, ())))
        # An empty text is no value: one of several is passed by, and one alone is the default.
        read = {text: parameter.read(text) for text in texts if text}
        good = list(dict.fromkeys(value for value in read.values() if value is not None))
        bad = [text for text, value in read.items() if value is None]
        values[parameter.name] = parameter.unsaid(given)
        if parameter.several:
            notes += [say_ignored(parameter.name, text) for text in bad]
            notes += say_left_out(parameter.name, good, parameter.most)
            # No value at all cannot be told from a parameter left out: it is one empty value.
            if good or texts == [""]:
                values[parameter.name] = tuple(good[: parameter.most])
        elif texts and texts[-1]:
            last = read[texts[-1]]
            if last is not None and (parameter.fits is None or parameter.fits(last, values)):
                values[parameter.name] = last
            else:
                notes.append(say_ignored(parameter.name, texts[-1]))
    known = {parameter.name for parameter in parameters}
    notes += [
        f"Ignored the unknown parameter {shorten(name)}." for name in given if name not in known
    ]
    return values, keep_few(notes)


def write_address(
    parameters: Sequence[Parameter], values: Mapping[str, Value]
) -> dict[str, list[str]]:
    """Write choices as query parameters; what reading gives without them is left out."""
    held = {
        parameter.name: values.get(parameter.name, parameter.default) for parameter in parameters
    }
    named = [
        parameter.name for parameter in parameters if held[parameter.name] != parameter.default
    ]
    written = {}
    for parameter in parameters:
        value = held[parameter.name]
        if value != parameter.unsaid(named):
            written[parameter.name] = [value] if isinstance(value, str) else list(value) or [""]
    return written


def find_value(text: str, allowed: Collection[str]) -> str | None:
    """Find the value that a text means: itself, or the same number written otherwise.

    Parameters
    ----------
    text
        As the address has it.
    allowed
        The values there are.

    Returns
    -------
    str or None
        ``0.60`` for ``0.6`` where only the former is a value; None where there is none.
    """
    if text in allowed:
        return text
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    same = [one for one in allowed if _NUMBER.fullmatch(one) and float(one) == number]
    return same[0] if len(same) == 1 else None


def say_left_out(name: str, values: Sequence[str], most: int) -> list[str]:
    """Say which of a parameter's good values are more than are shown, in one sentence.

    Parameters
    ----------
    name
        The parameter.
    values
        Its good values; the first ones are shown.
    most
        How many are shown.
    """
    over = [shorten(value) for value in values[most:]]
    if not over:
        return []
    return [f"At most {most} values of {name} are shown; left out of the address: {some_of(over)}."]


def keep_few(notes: list[str]) -> list[str]:
    """Keep the first notes about an address, and say how many more there are."""
    if len(notes) <= _MOST_NOTES:
        return notes
    left = len(notes) - _MOST_NOTES + 1
    return [*notes[: _MOST_NOTES - 1], f"{left} more parts of the address were ignored."]


def say_ignored(name: str, value: str) -> str:
    """Say that a value of an address is not good."""
    return f"Ignored {name} = {shorten(value)} in the address."


def shorten(text: str) -> str:
    """Quote a visitor's text on one line, not too long; show it as plain text only."""
    shown = text[:_LONGEST_SHOWN]
    plain = "".join(letter if letter.isprintable() else " " for letter in shown)
    return f"“{plain}”" if len(text) <= _LONGEST_SHOWN else f"“{plain}…”"
