"""CAMEO: the chains that ship are those of the repository, with its contacts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from precompute.datasets import DATASETS
from precompute.datasets.cameo import CAMEO_FILE, open_cameo, write_cameo
from precompute.errors import AtlasError


def test_the_chains_that_ship_are_those_of_the_repository(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "cameo"
    with open_cameo(CAMEO_FILE) as shipped, open_cameo(folder) as chains:
        assert len(shipped) == len(chains) == 56
        for number in range(56):
            own, read = shipped[number], chains[number]
            assert own.identifier == read.identifier
            assert own.sequence == read.sequence
            assert (own.resolved == read.resolved).all()
            np.testing.assert_allclose(own.alpha_carbons, read.alpha_carbons, atol=1e-3)
            first, second = np.triu_indices(len(own), 6)
            with np.load(folder / "contacts" / f"{own.identifier}.npz") as arrays:
                stated = arrays["contacts"][first, second]
            for chain in (own, read):
                assert ((chain.contact_states()[first, second] == 1) == stated).all()
        assert len(chains.sha256()) == 64
    write_cameo(folder, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == CAMEO_FILE.read_bytes()


def test_the_dataset_ships() -> None:
    dataset = DATASETS["cameo"]
    assert dataset.shipped is not None
    assert dataset.shipped.stat().st_size < 300_000
    with dataset.open(dataset.shipped) as chains:
        assert chains[0].identifier == "8U9O_B"


def _write(folder: Path, name: str = "1abc_A", residues: int = 5, **arrays: np.ndarray) -> Path:
    (folder / "contacts").mkdir(parents=True, exist_ok=True)
    (folder / "sequences.fasta").write_text(f">{name} a chain\n{'A' * residues}\n")
    places = np.arange(residues)[:, None] * np.array([3.8, 0.0, 0.0])
    held = {"positions": places, "valid_residues": np.ones(residues, dtype=bool)} | arrays
    np.savez(folder / "contacts" / f"{Path(name).name}.npz", **held)
    return folder


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"positions": np.zeros((4, 3))}, "does not fit a sequence of 5 residues"),
        ({"positions": np.array([None] * 5)}, "holds no positions and valid_residues"),
        ({"valid_residues": np.array(["a"] * 5)}, "valid_mask"),
    ],
)
def test_a_damaged_chain_is_one_sentence(
    tmp_path: Path, arrays: dict[str, np.ndarray], said: str
) -> None:
    with open_cameo(_write(tmp_path, **arrays)) as chains, pytest.raises(AtlasError, match=said):
        _ = chains[0]


def test_what_is_missing_or_too_large_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match=r"holds no sequences\.fasta"):
        open_cameo(tmp_path)
    folder = _write(tmp_path / "a")
    file = folder / "contacts" / "1abc_A.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("positions.npy", bytes(17 * 1024**2))
    with open_cameo(folder) as chains:
        with pytest.raises(AtlasError, match="unpacks to more than 16 MB"):
            _ = chains[0]
        file.unlink()
        with pytest.raises(AtlasError, match="cannot be read"):
            _ = chains[0]
    (folder / "sequences.fasta").write_text("")
    with pytest.raises(AtlasError, match="no sequence"):
        open_cameo(folder)


def test_a_name_leads_to_no_other_folder(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", name="../../outside")
    with open_cameo(folder) as chains:
        assert chains[0].sequence == "AAAAA"  # contacts/outside.npz
