"""The run that every engine measures, as one process does it."""

from __future__ import annotations

import sys

import pytest

from precompute.command_line import main
from tests.chains import write_lmdb
from tests.checkpoints import make_checkpoint
from tests.precompute.engines.runs import Request

PROTEINS = 200


@pytest.fixture(scope="session")
def request_run(tmp_path_factory: pytest.TempPathFactory) -> Request:
    folder = tmp_path_factory.mktemp("cluster")
    weights = make_checkpoint(folder / "weights", "prot_bert", layers=2, heads=2, width=16)
    records = []
    for number in range(PROTEINS):
        sequence = ("ACDEFGHIKLMNPQRSTVWY" * 25)[number % 7 :][: 250 + 37 * number % 240]
        positions = list(range(len(sequence)))
        records.append(
            {
                "id": f"p{number}",
                "primary": sequence,
                "sites": [number % 90],
                "positions": positions,
            }
        )
    data = write_lmdb(folder / "data.lmdb", records)
    command = [sys.executable, "-m", "precompute", "run", "--model", "prot_bert"]
    command += ["--weights", str(weights), "--dataset", "binding_sites", "--data", str(data)]
    request = Request(command, folder / "one")
    assert main([*request.arguments, "--out", str(request.expected), "--quiet"]) == 0
    return request
