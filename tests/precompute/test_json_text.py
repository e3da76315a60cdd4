"""JSON that others wrote is read or refused, whatever it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from precompute.errors import AtlasError
from precompute.json_text import parse_json
from precompute.models.configuration import read_config
from precompute.models.same_reading import differs
from precompute.models.weights import folder_stamp
from tests.checkpoints import make_checkpoint, own_checkpoint

ROOT = Path(__file__).parents[2]
DEEP = "[" * 200_000 + "]" * 200_000
TOO_MUCH = (DEEP, '{"a":' * 100_000 + "1" + "}" * 100_000, f'{{"a": {"9" * 5_000}}}')
FILES = ("adapter_config.json", "pytorch_model.bin.index.json", "tokenizer_config.json")


@pytest.mark.parametrize("text", TOO_MUCH)
def test_json_of_any_depth_and_any_number_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested|digits"):
        parse_json(text)


def test_all_json_of_others_is_read_so() -> None:
    own = {ROOT / "precompute/json_text.py", ROOT / "dashboard/page/interactive.py"}
    found = [
        path
        for room in ("precompute", "dashboard")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"\bjson\.loads?\(", path.read_text(encoding="utf-8"))
    ]
    assert set(found) == own  # the second reads what it has just written


@pytest.mark.parametrize("text", TOO_MUCH)
def test_a_configuration_of_any_depth_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(AtlasError, match=r"config\.json is not readable JSON: .*\.$"):
        read_config(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_what_stands_beside_weights_may_be_of_any_depth(name: str, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "model", "prot_bert")
    if "index" in name:
        (folder / "pytorch_model.bin").unlink()
    (folder / name).write_text(DEEP)
    with pytest.raises(AtlasError) as refused:
        own_checkpoint(folder, "bert").load()
    assert "\n" not in str(refused.value)


def test_notes_of_any_depth_tell_no_difference() -> None:
    assert not differs(json.dumps({"configuration and vocabulary": "x"}), DEEP)


@pytest.mark.parametrize("name", ["/a\0b", "/\ud800"])
def test_a_folder_that_no_system_has_is_not_there(name: str) -> None:
    assert folder_stamp(Path(name)) != ""
