"""Live: a head on the visitor's own protein; for now, the protein alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.molecule import MAXIMUM_MEGABYTES, read_structure, show_structure
from dashboard.page import HEADS_PAGE, open_page, page_link, show_notes, show_problems
from dashboard.permalink import Head, HeadsChoice, parse_head, to_parameters
from precompute.errors import AtlasError

PARAMETERS = ("model", "layer", "head")


def chosen_head(
    parameters: Mapping[str, Sequence[str]], shapes: Mapping[str, tuple[int, int]]
) -> tuple[Head | None, list[str]]:
    """Read the head from the URL, and note what in it is not one."""
    notes = [f"Ignored the unknown parameter {n[:60]}." for n in parameters if n not in PARAMETERS]
    given = [parameters[name][-1] for name in PARAMETERS if parameters.get(name)]
    if not given:
        return None, notes
    head = parse_head(".".join(given), shapes) if len(given) == len(PARAMETERS) else None
    if head is None:
        written = ", ".join(value[:60] for value in given)
        notes.append(f"The address names no head that is loaded here ({written}); it is ignored.")
    return head, notes


loaded = open_page("Live")
st.title("Live")
parameters = {name: st.query_params.get_all(name) for name in st.query_params}
head, notes = chosen_head(parameters, loaded.shapes)
show_notes(notes)

if head:
    st.subheader(f"{loaded.labels[head.model]}, head {head.label}")
    choice = HeadsChoice(models=(head.model,), head=head)
    page_link(HEADS_PAGE, f"Head {head.label} on the Heads page", to_parameters(choice))
else:
    page_link(HEADS_PAGE, "Choose a head on the Heads page")
st.write(
    "Attention on a protein of your own comes with a later version; "
    "this one shows the structure alone."
)

file = st.file_uploader(
    "PDB or mmCIF file",
    type=["pdb", "ent", "cif", "mmcif"],
    max_upload_size=MAXIMUM_MEGABYTES,
    help="The file stays in this session: it is neither stored nor passed on.",
)
if file:
    try:
        structure = read_structure(file.name, file.getvalue())
    except AtlasError as problem:
        show_problems([str(problem)])
    else:
        chains = structure.chains
        more = f" and {len(chains) - 12} more" if len(chains) > 12 else ""
        st.text(
            f"{structure.name}: {structure.atoms:,} atoms, "
            f"chain{'s' if len(chains) > 1 else ''} {', '.join(chains[:12])}{more}"
        )
        show_structure(structure, key="molecule")
