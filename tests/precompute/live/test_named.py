"""Models that whoever runs the server names: which are offered, and what is said of the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from precompute.live.running.inference import offers
from precompute.live.running.named import MODELS_VARIABLE, named_offers
from tests.checkpoints import change_config, make_checkpoint


def named(monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[list[str], list[str]]:
    monkeypatch.setenv(MODELS_VARIABLE, text)
    found, problems = named_offers()
    return list(found), problems


def test_architecture_and_shape_are_read_from_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {"bert": "prot_bert", "esm": "esm2_t6_8m", "xlnet": "prot_xlnet", "t5": "prot_t5_xl"}
    for architecture, model in made.items():
        make_checkpoint(tmp_path / architecture, model)
    change_config(tmp_path / "bert", architectures=["BertForMaskedLM"], model_type=None)
    monkeypatch.setenv(MODELS_VARIABLE, ", ".join(f"my {a} = {tmp_path / a}" for a in made))
    found, problems = named_offers()
    assert problems == []
    assert [offer.model.architecture for offer in found.values()] == list(made)
    assert {offer.label for offer in found.values()} == {f"my {a}" for a in made}
    shapes = {(one.model.layers, one.model.heads, one.model.width) for one in found.values()}
    assert shapes == {(2, 3, 24)}
    assert list(offers(found))[:5] == ["demo", *found]


def test_what_cannot_be_run_is_a_sentence_without_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_checkpoint(tmp_path / "good", "esm2_t6_8m")
    bare = tmp_path / "a bare one"
    bare.mkdir()
    unreadable = make_checkpoint(tmp_path / "json", "esm2_t6_8m")
    (unreadable / "config.json").write_text("{")
    other = change_config(make_checkpoint(tmp_path / "other", "prot_bert"), model_type="mamba")
    without = make_checkpoint(tmp_path / "weights", "esm2_t6_8m")
    (without / "pytorch_model.bin").unlink()
    entries = {
        "gone": tmp_path / "gone",
        "bare": bare,
        "unreadable": unreadable,
        "other": other,
        "without": without,
        "<b>as bert</b>": f"bert:{good}",
        "recurrent": f"plus_rnn:{good}",
        "prot_bert": good,
        "x" * 65: good,
        "": good,
        "fine": good,
    }
    names, problems = named(
        monkeypatch, ",".join([*(f"{a}={b}" for a, b in entries.items()), f"fine={bare}", "alone"])
    )
    assert names == ["fine"]
    said = (
        "folder is not there",
        "no config.json; name its architecture",
        "not readable JSON",
        "model_type mamba",
        "holds neither",
        "<b>as bert</b>",
        "one of plus_rnn was asked for",
        "a model of the registry",
        "at most 64",
        "name=folder",
        "twice",
        "name=folder",
    )
    assert len(problems) == len(said)
    for sentence, part in zip(problems, said, strict=True):
        assert part in sentence
        assert str(tmp_path) not in sentence
        assert "\n" not in sentence


def test_a_mended_folder_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_checkpoint(tmp_path / "one", "esm2_t6_8m")
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(json.dumps({"model_type": "esm", "pruned_heads": {"0": 1}}))
    assert named(monkeypatch, f"one={folder}")[0] == []
    (folder / "config.json").write_text(config)
    assert named(monkeypatch, f"one={folder}") == (["one"], [])


def test_the_server_learns_of_them_without_torch(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "one", "esm2_t6_8m")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "esm_msa1b.pt").write_bytes(b"read by the process that runs models alone")
    told = (
        "import sys; from precompute.live.running.named import named_offers; "
        "print(list(named_offers()[0]), 'torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", told],
        env={MODELS_VARIABLE: f"one={folder},two=msa_transformer:{tmp_path / 'two'}"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "['one', 'two'] False"
