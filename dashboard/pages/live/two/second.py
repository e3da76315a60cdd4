"""Ask for a second protein, and put it beside the first where the model reads two."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.page.opening import show_problems
from dashboard.pages.live.asking import ask_kind, choose_chain, open_chain
from dashboard.pages.live.choices import SECOND_KINDS, LiveChoices, kind_of
from precompute.errors import AtlasError
from precompute.live.getting.pair import is_one_structure, pair_proteins
from precompute.live.getting.protein import Protein
from precompute.live.running.attention import Given
from precompute.live.running.two import LINKER, Two
from precompute.models import MODELS, Model


class SecondChoices(LiveChoices):
    """What is chosen of the second protein, by the names under which the first's is asked for.

    Parameters
    ----------
    choices
        The page's.
    first
        The first protein.
    """

    own = "live_second"

    def __init__(self, choices: LiveChoices, first: Protein) -> None:
        self.page, self._whole = choices.page, choices
        also = {name: choices.parameters[f"second_{name}"] for name in ("kind", "chain")}
        second = {"protein": choices.parameters["second"], **also}
        self.parameters = {**choices.parameters, **second}
        self.beside = first.source

    @property
    def kind(self) -> str:
        """How the second is asked for; ``none`` where there is none."""
        return str(self["kind"] or kind_of(self["protein"]) or "none")

    def touch(self) -> None:
        """Note that a widget was used; see `Choices.touch`."""
        self._whole.touch()


def choose_second(choices: LiveChoices, first: Protein) -> Protein | None:
    """Draw the controls for a second protein and give it; None while there is none."""
    if first.family is not None:
        why = "beside an alignment no second protein is shown"
        choices.pass_by(why, "second", "second_kind", "second_chain")
        return None
    own = SecondChoices(choices, first)
    own.correct("kind", own.kind)
    kind = st.selectbox(
        "Second protein",
        list(SECOND_KINDS),
        width=150,
        help="A model that takes pairs reads both as one input. Other models read two chains of "
        "one structure.",
        **own.widget("kind", SECOND_KINDS.__getitem__),
    )
    if kind == "none":
        choices.pass_by("there is no second protein", "second_chain")
        return None
    try:
        if kind == "chain":
            return _ask_chain(own, first)
        protein = ask_kind(str(kind), own)
        if protein is not None and len(protein.chains) > 1:
            return choose_chain(own, protein)
    except AtlasError as error:
        show_problems([str(error)])
        return None
    return protein


def _ask_chain(own: SecondChoices, first: Protein) -> Protein | None:
    """Draw the list of the other chains of the first's structure and give the chosen one."""
    others = [name for name in first.chains if name != first.chain_name]
    if not others:
        raise AtlasError(
            f"{first.identifier} has no other chain that can be shown: choose a second protein of "
            "another kind."
        )
    key = "live_second_chain_list"
    why = ""
    if own["chain"] in others:
        st.session_state[key] = own["chain"]
    elif st.session_state.get(key) not in others:
        if own["chain"] and not first.private:
            why = f"{first.identifier} has no chain {own['chain']} beside the first."
        st.session_state[key] = others[0]

    def chosen() -> None:
        own.set("chain", st.session_state[key])
        own.set("residue", "")

    name = st.selectbox("Its chain", others, key=key, on_change=chosen, width=100)
    own.correct("chain", name, why)
    return open_chain(first, name)


def put_together(first: Protein, second: Protein, model: Model) -> tuple[Protein, Given]:
    """Put two proteins together as a model reads them; the first alone, and why, where it cannot.

    Returns
    -------
    tuple
        The pair or the first protein, and what the model reads.
    """
    try:
        pair = pair_proteins(first, second)
        two = Two(first.sequence, second.sequence)
        if model.reads_pairs:
            return pair, two
        refuse_linked(model, one_structure=is_one_structure(first, second))
        return pair, replace(two, linker=LINKER)
    except AtlasError as error:
        show_problems([f"{error} The first protein is shown alone."])
        return first, first.sequence


def refuse_linked(model: Model, *, one_structure: bool) -> None:
    """Refuse two proteins that a model for one sequence is not to read behind one another.

    Raises
    ------
    AtlasError
        Saying which models read them.
    """
    pairs = [one.label for one in MODELS.values() if one.reads_pairs and one.attends]
    if not model.reads_any:
        raise AtlasError(
            f"{model.label} reads one protein of its families and no two: choose a model that "
            f"takes pairs ({', '.join(pairs)}), or for two chains of one structure any other."
        )
    if not one_structure:
        raise AtlasError(
            f"{model.label} takes no pairs: choose a model that does ({', '.join(pairs)}), or two "
            "chains of one structure, which it reads with a linker."
        )
