"""Records of real files renamed, shifted, dropped and doubled: refused, or read within bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.datasets.structure_file import parse_structure
from precompute.datasets.structure_model import Model
from precompute.errors import AtlasError
from tests.precompute.strange import example, put
from tests.precompute.test_strange_mmcif import mmcif

TEXT = example("2D1L").splitlines()
ATOMS = [number for number, line in enumerate(TEXT) if line[:6] in ("ATOM  ", "HETATM")]

NAMES = ("HSD", "QQQ", "TIP3", "CA", "NALA", "UNK", "DG5", "SOD", "   ", "A", "MSE", "ÅÅÅ", "*")
Edit = tuple[str, int, int, str]

rows = st.integers(0, len(TEXT) - 1)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("rename"), rows, st.just(0), st.sampled_from(NAMES)),
        st.tuples(st.just("rename from"), rows, st.integers(0, 300), st.sampled_from(NAMES)),
        st.tuples(st.just("drop"), rows, st.integers(1, 40), st.just("")),
        st.tuples(st.just("double"), rows, st.integers(1, 40), st.just("")),
        st.tuples(st.just("number"), rows, st.integers(-99, 9_999), st.just("")),
        st.tuples(
            st.just("atom"), rows, st.just(0), st.sampled_from((" CA ", "CA  ", "    ", "N"))
        ),
        st.tuples(st.just("place"), rows, st.just(0), st.sampled_from(("********", "   0.000"))),
    ),
    max_size=8,
)


def edited(changes: list[Edit]) -> list[str]:
    lines = list(TEXT)
    for kind, row, count, text in changes:
        row = min(row, len(lines) - 1)
        if row < 0:
            continue
        if kind == "drop":
            del lines[row : row + count]
        elif kind == "double":
            lines[row:row] = lines[row : row + count]
        for one in range(row, min(row + max(count, 1), len(lines))):
            if lines[one][:6] not in ("ATOM  ", "HETATM"):
                continue
            if kind in ("rename", "rename from"):
                lines[one] = put(lines[one], 18, f"{text:>3} "[:4])
            elif kind == "number" and one == row:
                lines[one] = put(lines[one], 23, f"{count:4d} ")
            elif kind == "atom":
                lines[one] = put(lines[one], 13, f"{text:<4}")
            elif kind == "place":
                lines[one] = put(lines[one], 31, text * 3)
    return lines


def parsed(data: bytes, name: str = "x.pdb") -> Model | None:
    """A model, or None where the file was refused in a sentence."""
    try:
        return parse_structure(data, name)
    except AtlasError as error:
        sentence = str(error)
    assert sentence.startswith(name)
    assert "\n" not in sentence
    return None


def bounds_hold(model: Model, records: int) -> None:
    for chain in model.chains:
        there = chain.residues[chain.residues >= 0]
        assert len(set(there.tolist())) == len(there)
        assert len(chain.sequence) == len(chain.residues) == len(chain.numbers)
    assert sum(int((chain.residues >= 0).sum()) for chain in model.chains) <= records
    assert np.isfinite(model.positions).all()


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits)
def test_edited_records(changes: list[Edit]) -> None:
    lines = edited(changes)
    model = parsed("\n".join(lines).encode())
    if model is None:
        return
    atoms = {line for line in lines if line[:6] in ("ATOM  ", "HETATM")}
    bounds_hold(model, len({(line[17:27], line[12:16], line[30:54]) for line in atoms}))
    own = {
        (float(line[30:38]), float(line[38:46]), float(line[46:54])): line[21]
        for line in TEXT
        if line[12:16] == " CA " and line[:4] in ("ATOM", "HETA")
    }
    for chain in model.chains:
        alphas = model.backbone[chain.residues[chain.residues >= 0], 1]
        places = model.positions[alphas[alphas >= 0]]
        letters = {own[key] for key in map(tuple, places.tolist()) if key in own}
        assert len(letters) <= 1, f"{chain.name} has residues of {letters}"


def damage(text: str) -> Callable[..., None]:
    lines = text.splitlines(keepends=True)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        damaged = bytearray("".join(lines).encode())
        for _ in range(data.draw(st.integers(1, 6))):
            place = data.draw(st.integers(0, len(damaged) - 1))
            how = data.draw(st.sampled_from(("put", "insert", "cut", "swap")))
            sign = data.draw(st.binary(min_size=1, max_size=3))
            if how == "put":
                damaged[place : place + len(sign)] = sign
            elif how == "insert":
                damaged[place:place] = sign
            elif how == "cut":
                del damaged[place : place + data.draw(st.integers(1, 200))]
            else:
                other = data.draw(st.integers(0, len(damaged) - 1))
                damaged[place], damaged[other] = damaged[other], damaged[place]
            if not damaged:
                return
        model = parsed(bytes(damaged))
        if model is not None:
            bounds_hold(model, bytes(damaged).count(b"\n") + bytes(damaged).count(b"\r") + 1)

    return run


def test_damaged_bytes_of_a_pdb_file() -> None:
    damage("\n".join(TEXT[:400]))()


def test_damaged_bytes_of_an_mmcif_file() -> None:
    damage(mmcif("\n".join(TEXT[:250])))()
