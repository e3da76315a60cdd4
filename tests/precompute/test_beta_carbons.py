"""C-beta atoms: the file's where it has them, ideal ones in their place where it has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from precompute.datasets.beta_carbons import beta_carbons, ideal_betas
from precompute.datasets.structure_file import parse_structure, unpack
from precompute.datasets.structures import StructureChains
from tests.precompute.test_structures import helix, pdb


def test_ideal_atoms_stand_where_those_of_real_structures_are(shared: Path) -> None:
    distances = []
    for name in ("1a8q", "1ako", "1fcg", "1gyv"):
        file = shared / "data" / "structures" / f"{name}.pdb.gz"
        model = parse_structure(unpack(file.read_bytes(), file.name), file.name)
        atoms = np.flatnonzero(model.atom_names == b"CB")
        rows = model.atom_residues[atoms]
        apart = np.linalg.norm(ideal_betas(model)[rows] - model.positions[atoms], axis=1)
        distances.append(apart[np.isfinite(apart)])
        assert (beta_carbons(model)[rows] == model.positions[atoms]).all()
        glycines = [row for row, name in enumerate(model.residue_names) if name == "GLY"]
        assert np.isfinite(beta_carbons(model)[glycines]).all()
    every = np.concatenate(distances)
    assert len(every) > 500
    assert np.median(every) < 0.1
    assert np.quantile(every, 0.99) < 0.3


def test_what_has_no_backbone_has_no_place(tmp_path: Path) -> None:
    atoms = helix(["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS"])
    kept = [atom for atom in atoms if (atom.number, atom.name) != (3, "N")]
    (tmp_path / "x.pdb").write_text(pdb(kept))
    chain = StructureChains(tmp_path)[0]
    known = np.isfinite(chain.beta_carbons).all(axis=1)
    assert known.tolist() == [True, True, False, True, True, True, True]
    assert chain.resolved.all()
    apart = np.linalg.norm(chain.beta_carbons - chain.alpha_carbons, axis=1)[known]
    assert np.allclose(apart, 1.5, atol=0.15)
    cut = chain.first(2)
    assert cut.beta_carbons.shape == (2, 3)
