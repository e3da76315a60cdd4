"""What Home shows first: the small maps, and the demo's arcs on a protein."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from dashboard.figures.look import style
from dashboard.pages.home.example import read_shown
from dashboard.pages.home.small_map import picture_address, small_map
from dashboard.results.frames import grid, top_heads
from dashboard.results.loaded import published
from precompute.examples import load_arcs
from precompute.models import MODELS, Model

LIMIT = 63.25


@pytest.mark.parametrize("model", [model for model in MODELS.values() if model.in_paper])
def test_a_small_map_has_every_head_in_its_place(model: Model) -> None:
    frame = published()[model.name, "contact"]
    percent = grid(frame, "percent")
    picture = small_map(frame, LIMIT)
    tall, wide = picture.shape[0] // model.layers, picture.shape[1] // model.heads
    shown = picture[tall // 2 :: tall, wide // 2 :: wide][::-1].astype(float)
    assert shown.shape == (model.layers, model.heads)
    best = top_heads(frame, 1).iloc[0]
    assert shown[best["layer"] - 1, best["head"] - 1] == round(best["percent"] / LIMIT * 252)
    framed = shown > 253  # where cells are narrow the frame lies over a neighbour
    assert framed.sum() <= 2
    grey = np.isnan(percent)
    assert ((shown == 253) == grey)[~framed].all()
    kept = ~grey & ~framed
    assert np.allclose(shown[kept], percent[kept] / LIMIT * 252, atol=0.51)


def test_its_colours_are_those_of_every_heatmap() -> None:
    picture = np.arange(256, dtype=np.uint8)[None]
    _, _, text = picture_address(picture).partition(",")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA"))[0]
    for place, stop in zip(np.linspace(0, 252, 10), style.SEQUENTIAL, strict=True):
        assert bytes(pixels[round(place), :3].tolist()).hex() == stop[1:]
    grey = style.MASKED.removeprefix("rgba(").removesuffix(")").split(",")
    assert pixels[253].tolist() == [*map(int, grey[:3]), round(255 * float(grey[3]))]


def test_the_protein_has_the_arcs_of_the_head_with_most_contacts() -> None:
    shown = read_shown()
    table = load_arcs()
    own = table[(table["layer"] == shown.head.layer) & (table["head"] == shown.head.head)]
    assert own["contact"].sum() == table.groupby(["layer", "head"])["contact"].sum().max()
    drawn = {(i + 1, j + 1) for arcs in shown.scene.arcs for i, j, _ in arcs.ends}
    assert drawn == set(zip(own["i"], own["j"], strict=True))
    assert len(shown.keys) == len(shown.scene.arcs)
    chain = shown.example.find_chain(shown.scene.chain)
    assert [bool(key) for key in shown.scene.keys] == chain.resolved.tolist()
    for key, number in zip(shown.scene.keys, chain.numbers, strict=True):
        assert key in ("", f"{chain.name}|{number}")
    known = own["contact"].dropna()
    assert shown.sentence.startswith(f"{len(own)} arcs; of the {len(known)} between")
    assert f"{int(known.sum())} are contacts" in shown.sentence
