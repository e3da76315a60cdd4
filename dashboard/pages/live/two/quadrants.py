"""The four parts of the map of two proteins, and how much of a head's attention is in each."""

from __future__ import annotations

from dashboard.figures.look import style, template
from dashboard.figures.look.draft import Draft
from dashboard.figures.look.ticks import places
from precompute.live.arcs import Head
from precompute.live.getting.protein import Protein
from precompute.live.running.attention import SparseAttention

_BEHIND = "rgba(128,128,128,0.25)"
_CORNERS = ((0, "left", "top"), (1, "right", "top"), (0, "left", "bottom"), (1, "right", "bottom"))


def two_parts(protein: Protein) -> tuple[int, tuple[str, ...]] | None:
    """Give where the second of two proteins begins, and what to call them; None of one."""
    return None if protein.boundary is None else (protein.boundary, protein.tags)


def shares(attention: SparseAttention, head: Head) -> list[float]:
    """Give the shares, in %, that go from each of two proteins to each, row by row of the map.

    Of what residues of one give to residues of both.
    """
    assert attention.together is not None
    first, second = (100 * attention.together.crossing()[head[0] - 1, head[1] - 1]).tolist()
    return [100 - first, first, second, 100 - second]


def quadrant_sentence(protein: Protein, attention: SparseAttention, head: Head) -> str:
    """Say how much of a head's attention stays and crosses over; nothing of one protein."""
    if protein.boundary is None or attention.together is None:
        return ""
    a, b = protein.tags
    stays, crosses, back, own = shares(attention, head)
    special = 100 * attention.together.special()[head[0] - 1, head[1] - 1]
    return (
        f"Of what head {head[0]}-{head[1]} gives from residues of {a} to residues, {stays:.1f} % "
        f"stays in {a} and {crosses:.1f} % goes to {b}; from residues of {b}, {own:.1f} % stays "
        f"and {back:.1f} % goes to {a}. Special tokens, which are in none of these, take "
        f"{special[0]:.1f} % of all that {a} gives and {special[1]:.1f} % of {b}'s."
    )


def mark_quadrants(protein: Protein, attention: SparseAttention, head: Head, figure: Draft) -> None:
    """Draw the lines between two proteins into a map, and each part's share into its corner."""
    assert protein.boundary is not None
    edge = protein.boundary - 0.5
    line = {"color": style.INK, "width": 1}
    figure.add_shape(type="line", xref="x domain", x0=0, x1=1, y0=edge, y1=edge, line=line)
    figure.add_shape(type="line", yref="y domain", y0=0, y1=1, x0=edge, x1=edge, line=line)
    tags = [template.plain(tag) for tag in protein.tags]
    ways = [f"{one}→{other}" for one in tags for other in tags]
    # Where the lines stand says whose residues they are: the ticks need not.
    ticks = places(len(protein), most=8)
    named = {
        "tickmode": "array",
        "tickvals": [place - 1 for place in ticks],
        "ticktext": [protein.label(place - 1).partition(":")[2] for place in ticks],
    }
    figure.update_layout(xaxis=named, yaxis=named)
    for way, share, (x, left, top) in zip(ways, shares(attention, head), _CORNERS, strict=True):
        figure.add_annotation(
            text=f"{way} {share:.0f} %",
            xref="x domain",
            yref="y domain",
            x=x,
            y=1 if top == "top" else 0,
            xanchor=left,
            yanchor=top,
            showarrow=False,
            font={"size": 10},
            bgcolor=_BEHIND,
        )
