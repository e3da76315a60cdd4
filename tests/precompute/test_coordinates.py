"""Records whose coordinates are no places, or in another unit than Å."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.chain import Chain
from precompute.datasets.coordinates import find_places, refuse_other_unit
from precompute.datasets.lmdb_file import LmdbChains
from precompute.datasets.parquet_file import ParquetChains
from precompute.datasets.proteinnet import read_chain
from precompute.errors import AtlasError
from tests.chains import records_of, structure_records, write_lmdb

RECORDS = structure_records()


def record(number: int = 0) -> dict[str, Any]:
    """A real chain, all of it resolved."""
    own = RECORDS[number]
    mask = own["valid_mask"]
    sequence = "".join(np.array(list(own["primary"]))[mask])
    return {
        "id": "one",
        "primary": sequence,
        "tertiary": own["tertiary"][mask].astype(np.float64),
        "valid_mask": np.ones(len(sequence), dtype=bool),
    }


def naive_contacts(chain: Chain, places: set[int]) -> int:
    return sum(
        math.dist(chain.alpha_carbons[i], chain.alpha_carbons[j]) < 8
        for i in places
        for j in places
        if abs(i - j) >= 6
    )


@pytest.mark.parametrize(
    "value",
    [
        *([math.nan] * 3, [math.nan, 1.0, 2.0], [math.inf, 0.0, 0.0], [-math.inf] * 3),
        *([0.0, 0.0, 0.0], [9999.0] * 3, [9999.999, 9999.999, 9999.999], [-9999.0] * 3),
        *([1e30, 0.0, 0.0], [999.9, 999.9, 999.9], [-1.0, -1.0, -1.0]),
    ],
)
@pytest.mark.parametrize("places", [[5], [0, 1, 2, 9, 10, 30]])
def test_what_is_no_place_is_unresolved(value: list[float], places: list[int]) -> None:
    own = record()
    own["tertiary"][places] = value
    chain = read_chain(own, 0)
    alone = len(places) == 1 and value in ([999.9] * 3, [-1.0] * 3)  # which may be a place
    expected = set(range(len(chain))) - set([] if alone else places)
    assert set(np.flatnonzero(chain.resolved)) == expected
    states = chain.contact_states()
    assert states is not None
    assert (states == 1).sum() == naive_contacts(chain, expected)
    assert alone or (states[places] == -1).all()


def test_one_atom_at_the_origin_is_a_place_where_its_neighbours_are_near() -> None:
    own = record()
    own["tertiary"] -= own["tertiary"][7].copy()
    assert read_chain(own, 0).resolved.all()
    own["tertiary"] += 100.0
    own["tertiary"][7] = 0.0
    assert np.flatnonzero(~read_chain(own, 0).resolved).tolist() == [7]


def test_nothing_resolved_is_a_chain_without_pairs() -> None:
    own = record()
    own["tertiary"][:] = math.nan
    chain = read_chain(own, 0)
    assert not chain.resolved.any()
    assert (chain.contact_states() == -1).all()


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (100.0, "hundredths of an Å .* divide them by 100"),
        (0.1, "nanometres; multiply them by 10"),
        (10.0, "tenths of an Å; divide them by 10"),
        (0.01, "scaled, or of other atoms; give Å"),
        (1.8897, "scaled, or of other atoms; give Å"),
        (1e-10, "scaled"),
        (1e300, "scaled"),
    ],
)
@pytest.mark.parametrize("number", range(len(RECORDS)))
def test_another_unit_is_refused(factor: float, said: str, number: int) -> None:
    own = record(number)
    own["tertiary"] *= factor
    with pytest.raises(AtlasError, match=rf"The chain one has neighbouring .*{said}"):
        read_chain(own, 0)


def test_a_normalised_chain_is_refused() -> None:
    own = record()
    xyz = own["tertiary"]
    own["tertiary"] = (xyz - xyz.mean(0)) / xyz.std()
    with pytest.raises(AtlasError, match="scaled"):
        read_chain(own, 0)


def test_sentinels_do_not_hide_the_unit() -> None:
    own = record()
    own["tertiary"] *= 0.1
    own["tertiary"][::3] = 9999.0
    with pytest.raises(AtlasError, match="nanometres"):
        read_chain(own, 0)


@pytest.mark.parametrize("sort", ["few", "gaps", "cis", "noise", "alternate"])
def test_real_chains_with_oddities_are_taken(sort: str) -> None:
    own = record()
    places = np.arange(len(own["primary"]))
    if sort == "few":
        own = {**own, "primary": own["primary"][:3]}
        own["tertiary"], own["valid_mask"] = own["tertiary"][:3] * 0 + 1.0, own["valid_mask"][:3]
        own["tertiary"] += np.arange(3)[:, None] * 20.0
    if sort == "gaps":
        own["valid_mask"] = places % 9 < 6
    if sort == "cis":
        own["tertiary"][:, 0] = np.cumsum(np.where(places % 3, 3.8, 2.9))
        own["tertiary"][:, 1:] = 0.0
    if sort == "noise":
        own["tertiary"] += np.random.default_rng(1).normal(0, 0.5, own["tertiary"].shape)
    if sort == "alternate":
        own["valid_mask"] = places % 2 == 0
    assert (read_chain(own, 0).resolved == own["valid_mask"]).all()


@pytest.mark.parametrize("own", records_of("proteinnet"), ids=lambda own: own["id"].decode())
def test_real_records_stay_as_they_are(own: dict[str, Any]) -> None:
    chain = read_chain(own, 0)
    assert (chain.resolved == own["valid_mask"]).all()
    assert (chain.alpha_carbons[chain.resolved] == own["tertiary"][own["valid_mask"]]).all()


def test_masked_and_missing_numbers(tmp_path: Path) -> None:
    own = record()
    masked = np.ma.MaskedArray(own["tertiary"], mask=np.zeros_like(own["tertiary"], dtype=bool))
    masked[4] = np.ma.masked
    assert np.flatnonzero(~read_chain({**own, "tertiary": masked}, 0).resolved).tolist() == [4]
    rows: list[Any] = own["tertiary"].tolist()
    rows[0], rows[4] = None, [1.0, None, 3.0]
    mask: list[Any] = own["valid_mask"].tolist()
    mask[9] = None
    table = {"id": ["one"], "primary": [own["primary"]], "tertiary": [rows], "valid_mask": [mask]}
    pq.write_table(pa.table(table), tmp_path / "x.parquet")
    flat = [value for row in rows for value in (row or [None] * 3)]
    pq.write_table(pa.table({**table, "tertiary": [flat]}), tmp_path / "flat.parquet")
    for name in ("x.parquet", "flat.parquet"):
        with ParquetChains(tmp_path / name, read_chain) as chains:
            assert np.flatnonzero(~chains[0].resolved).tolist() == [0, 4, 9]


def test_the_record_is_named(tmp_path: Path) -> None:
    own = record()
    own["tertiary"] *= 100
    path = write_lmdb(tmp_path / "x.lmdb", [record(), own])
    with LmdbChains(path, read_chain) as chains, pytest.raises(AtlasError, match="record 1: The"):
        chains[1]


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, 5.0, math.nan, 9999.0])] * 3), max_size=9))
def test_places_are_finite_and_apart(rows: list[tuple[float, ...]]) -> None:
    positions = np.array(rows, dtype=float).reshape(-1, 3)
    placed = find_places(positions, np.ones(len(rows), dtype=bool))
    kept = positions[placed]
    assert np.isfinite(kept).all()
    assert len(np.unique(kept, axis=0)) == len(kept)
    assert (np.abs(kept) < 9998).all()
    refuse_other_unit([(positions[:2], np.ones(len(positions[:2]), dtype=bool))], "x")


def test_the_shared_data_stay_as_they_are(shared: Path) -> None:
    with LmdbChains(shared / "data/tape/proteinnet_sample.lmdb", read_chain) as chains:
        for number in range(len(chains)):
            own = chains._file[number]
            assert (chains[number].resolved == own["valid_mask"].astype(bool)).all()
    for file in sorted((shared / "data/cameo/contacts").glob("*.npz")):
        held = np.load(file)
        resolved = held["valid_residues"].astype(bool)
        refuse_other_unit([(held["positions"], resolved)], file.stem)
        assert (find_places(held["positions"], resolved) == resolved).all()
