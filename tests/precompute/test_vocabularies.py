"""Vocabularies as they are published: without X, in three kinds of files, joined or padded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from precompute.command_line import main
from precompute.errors import AtlasError
from precompute.live.running.attention import attend
from precompute.live.running.worker import reading_notes
from precompute.models import same_reading, weights
from precompute.models.listed_vocabulary import listed_vocabulary
from precompute.models.loading import READ_AS_UNKNOWN, Checkpoint
from precompute.models.piece_vocabulary import PieceVocabulary
from precompute.models.vocabulary import RARE, STANDARD, tape_vocabulary
from precompute.tables import list_runs
from tests.chains import records_of, write_lmdb
from tests.checkpoints import (
    ANTIBERTY_TOKENS,
    ESM_TOKENS,
    PROT_BERT_TOKENS,
    ROBERTA_TOKENS,
    change_config,
    make_checkpoint,
    own_checkpoint,
    write_pieces,
)


def written(folder: Path, tokens: str) -> Path:
    (folder / "vocab.txt").write_text(tokens.replace(" ", "\n"))
    return folder


def test_letters_without_a_token_are_read_as_the_unknown_one(tmp_path: Path) -> None:
    words = listed_vocabulary(written(tmp_path, ANTIBERTY_TOKENS))
    # [CLS] 2, [UNK] 1, A 5, C 6, Y 24, [SEP] 3.
    assert words.encode("AXUZOBCY").tokens.tolist() == [2, 5, 1, 1, 1, 1, 1, 6, 24, 3]
    assert words.read_as_unknown == set(RARE)
    assert words.size == 25
    with pytest.raises(AtlasError, match="'J'"):
        words.encode("AJ")


def test_only_what_lacks_a_token_is_unknown(tmp_path: Path) -> None:
    words = listed_vocabulary(written(tmp_path, ESM_TOKENS.replace("U Z O", "U")))
    assert words.read_as_unknown == {"Z", "O"}
    ids = {token: place for place, token in enumerate(ESM_TOKENS.replace("U Z O", "U").split())}
    inner = words.encode("XUZOB").tokens.tolist()[1:-1]
    assert inner == [ids["X"], ids["U"], ids["<unk>"], ids["<unk>"], ids["B"]]


@pytest.mark.parametrize("tokens", [PROT_BERT_TOKENS, ESM_TOKENS])
def test_full_vocabularies_know_every_letter(tokens: str, tmp_path: Path) -> None:
    words = listed_vocabulary(written(tmp_path, tokens))
    assert words.read_as_unknown == frozenset() == tape_vocabulary().read_as_unknown
    as_x = tokens == PROT_BERT_TOKENS
    assert (len(set(words.encode(RARE).tokens[1:-1])) == 1) == as_x


def test_without_an_unknown_token_x_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="it lacks X"):
        listed_vocabulary(written(tmp_path, ANTIBERTY_TOKENS.replace("[UNK]", "[FOO]")))


def test_pieces_without_x(tmp_path: Path) -> None:
    write_pieces(tmp_path, ["<pad>", "[CLS]", "[SEP]"], STANDARD)
    words = PieceVocabulary(tmp_path, ("[CLS]",), ("[SEP]",))
    assert words.read_as_unknown == set(RARE)
    encoding = words.encode("AXUY")
    assert encoding.residues.tolist() == [-1, 0, 1, 2, 3, -1]
    unknown = words._processor.unk_id()
    assert encoding.tokens.tolist()[2:4] == [unknown, unknown]
    write_pieces(tmp_path, ["<pad>", "[CLS]", "[SEP]"])
    assert PieceVocabulary(tmp_path, ("[CLS]",), ("[SEP]",)).read_as_unknown == frozenset()


def test_runs_and_live_say_which_letters(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "weights", "antiberty", sharpness=30)
    records = [
        {"id": "a", "primary": STANDARD + "XU", "positions": list(range(22)), "sites": [1]},
        {"id": "b", "primary": STANDARD, "positions": list(range(20)), "sites": [1]},
    ]
    data = write_lmdb(tmp_path / "data.lmdb", records)
    arguments = ["run", "--model", "antiberty", "--weights", str(folder), "--quiet"]
    arguments += ["--dataset", "binding_sites", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    row = list_runs(tmp_path / "out").iloc[0]
    assert json.loads(row["notes"])[READ_AS_UNKNOWN] == "B, O, U, X, Z: 2 of 42 residues"
    adapter = own_checkpoint(folder, "bert").load()
    notes = [reading_notes(adapter, r["primary"], attend(adapter, r["primary"])) for r in records]
    assert notes == [
        ("This model has no token for U and X: 2 residues were read as its unknown token.",),
        (),
    ]


def test_runs_of_full_vocabularies_are_named_as_before(tmp_path: Path) -> None:
    for like, architecture in (("prot_bert", "bert"), ("prot_albert", "albert")):
        folder = make_checkpoint(tmp_path / like, like)
        assert own_checkpoint(folder, architecture).reading() == {}
    esm = own_checkpoint(make_checkpoint(tmp_path / "esm", "esm2_t6_8m"), "esm")
    assert list(esm.reading()) == ["rotary frequencies"]
    padded = own_checkpoint(make_checkpoint(tmp_path / "64", "prot_bert", vocab_size=64), "bert")
    assert padded.reading() == {"embeddings without a token": "34 of 64"}


def test_a_robertas_json(tmp_path: Path) -> None:
    ids = {token: number for number, token in enumerate(ROBERTA_TOKENS.split())}
    (tmp_path / "vocab.json").write_text(json.dumps(ids))
    words = listed_vocabulary(tmp_path)
    assert words.encode("ACX").tokens.tolist() == [0, ids["A"], ids["C"], ids["<unk>"], 2]
    assert (words.padding, words.size) == (1, 25)
    (tmp_path / "vocab.json").write_text(json.dumps(ids | {"LL": 25}))
    with pytest.raises(AtlasError, match=r"one token a residue \(it has LL\)"):
        listed_vocabulary(tmp_path)
    (tmp_path / "vocab.json").write_text("[]")
    with pytest.raises(AtlasError, match="no readable vocabulary"):
        listed_vocabulary(tmp_path)


def test_a_robertas_tokens_are_its_tokenizers(tmp_path: Path) -> None:
    import transformers

    ids = {token: number for number, token in enumerate(ROBERTA_TOKENS.split())}
    (tmp_path / "vocab.json").write_text(json.dumps(ids))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}')
    tokenizer = transformers.RobertaTokenizer.from_pretrained(tmp_path)
    expected = tokenizer(STANDARD)["input_ids"]
    assert listed_vocabulary(tmp_path).encode(STANDARD).tokens.tolist() == expected
    tokenizer.save_pretrained(tmp_path / "fast")
    assert (tmp_path / "fast" / "tokenizer.json").is_file()
    fast = listed_vocabulary(tmp_path / "fast")
    assert fast.encode(STANDARD).tokens.tolist() == expected
    assert fast.read_as_unknown == set(RARE)


def test_a_fast_tokenizers_json(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    ids = {token: number for number, token in enumerate(PROT_BERT_TOKENS.split())}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[MINE]"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    words = listed_vocabulary(tmp_path)
    assert words.encode("LAX").tokens.tolist() == [2, ids["L"], ids["A"], ids["X"], 3]
    assert words.size == 31


def test_a_tokenizer_that_joins_residues_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models

    ids = {token: number for number, token in enumerate(ROBERTA_TOKENS.split())} | {"AC": 25}
    tokenizer = Tokenizer(models.BPE(ids, [("A", "C")], unk_token="<unk>"))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(AtlasError, match="one token a residue"):
        listed_vocabulary(tmp_path)


def test_an_empty_line_is_a_token(tmp_path: Path) -> None:
    """transformers numbers lines; numbering what is in them would shift every residue."""
    lines = PROT_BERT_TOKENS.split()
    text = "\r\n".join([*lines[:5], "", *lines[5:], "", ""])
    (tmp_path / "vocab.txt").write_text(f"\ufeff{text}", encoding="utf-8", newline="")
    words = listed_vocabulary(tmp_path)
    assert words.encode("L").tokens.tolist() == [2, 6, 3]
    assert words.size == 31


def test_a_run_that_read_otherwise_is_not_taken_for_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs of ESM-2 from before its checkpoint's frequencies were read have no such note."""
    folder = make_checkpoint(tmp_path / "weights", "esm2_t6_8m", sharpness=30)
    data = write_lmdb(tmp_path / "data.lmdb", records_of("modifications"))
    arguments = ["run", "--model", "esm2_t6_8m", "--weights", str(folder), "--quiet"]
    arguments += ["--dataset", "modifications", "--data", str(data), "--out", str(tmp_path / "out")]
    with monkeypatch.context() as before:
        before.setattr(Checkpoint, "reading", lambda _: {})
        assert main(arguments) == 0
    assert main(arguments) == 1
    assert "other settings (notes" in capsys.readouterr().err
    assert main([*arguments, "--add"]) == 0
    assert list_runs(tmp_path / "out")["run"].nunique() == 2


# What stands beside a vocabulary


@pytest.mark.parametrize("where", ["added_tokens.json", "tokenizer_config.json"])
def test_letters_that_were_added_later(where: str, tmp_path: Path) -> None:
    """As a tokenizer saves them to which X was added, and the model's embeddings a row."""
    ids = {token: number for number, token in enumerate(ANTIBERTY_TOKENS.split())}
    added = {"X": 25, "[MINE]": 26}
    if where == "tokenizer_config.json":
        tokens = [*ids.items(), *added.items()]
        content = {"added_tokens_decoder": {str(n): {"content": t} for t, n in tokens}}
    else:
        content = added
    (written(tmp_path, ANTIBERTY_TOKENS) / where).write_text(json.dumps(content))
    words = listed_vocabulary(tmp_path)
    assert words.encode("AX").tokens.tolist() == [2, 5, 25, 3]
    assert words.size == 26, "what stands for no residue needs no embedding"
    (tmp_path / "added_tokens.json").write_text(json.dumps({"L": 30}))
    with pytest.raises(AtlasError, match="the added token L has another number"):
        listed_vocabulary(tmp_path)
    (tmp_path / "added_tokens.json").write_text("[")
    with pytest.raises(AtlasError, match="not a readable JSON object"):
        listed_vocabulary(tmp_path)


@pytest.mark.parametrize("tokens", [PROT_BERT_TOKENS, ESM_TOKENS, ROBERTA_TOKENS])
def test_other_tokens_around_the_residues_are_refused(tokens: str, tmp_path: Path) -> None:
    folder = written(tmp_path, f"{tokens} [BOS] [EOS]")
    first, last = ("[CLS]", "[SEP]") if "[CLS]" in tokens else tokens.split()[:3:2]
    named = {"cls_token": first, "eos_token": last, "sep_token": {"content": last}}
    (folder / "special_tokens_map.json").write_text(json.dumps(named))
    listed_vocabulary(folder)
    named |= {"cls_token": "[BOS]", "sep_token": "[EOS]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
    with pytest.raises(AtlasError, match=r"puts \[BOS\] and \[EOS\] around"):
        listed_vocabulary(folder)


def test_a_fast_tokenizer_is_followed(tmp_path: Path) -> None:
    """What it makes of rare letters, and what it puts around: U, Z, O and B are X's here."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    ids = {token: number for number, token in enumerate(ESM_TOKENS.split())}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.normalizer = normalizers.Replace(Regex("[UZOB]"), "X")
    around = [(token, ids[token]) for token in ("<cls>", "<eos>", "<mask>")]
    tokenizer.post_processor = processors.TemplateProcessing("<cls> $A <eos>", None, around)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    expected = tokenizer.encode("AXUZOB").ids
    assert listed_vocabulary(tmp_path).encode("AXUZOB").tokens.tolist() == expected
    for template, said in (("<mask> $A <eos>", "<mask> and <eos> around"), ("$A <eos>", "nothing")):
        tokenizer.post_processor = processors.TemplateProcessing(template, None, around)
        tokenizer.save(str(tmp_path / "tokenizer.json"))
        with pytest.raises(AtlasError, match=said):
            listed_vocabulary(tmp_path)


@pytest.mark.parametrize("change", [lambda n: n % 20, lambda n: n - 3, lambda n: n + 0.5])
def test_numbers_that_no_vocabulary_has(change, tmp_path: Path) -> None:
    ids = {token: change(number) for number, token in enumerate(ROBERTA_TOKENS.split())}
    (tmp_path / "vocab.json").write_text(json.dumps(ids))
    with pytest.raises(AtlasError):
        listed_vocabulary(tmp_path)


def test_a_list_that_joins_residues_is_refused(tmp_path: Path) -> None:
    """ESM's tokenizer takes the longest token; BERT's reads residues with spaces between."""
    with pytest.raises(AtlasError, match="it has LA"):
        listed_vocabulary(written(tmp_path, f"{ESM_TOKENS} LA"))
    assert listed_vocabulary(written(tmp_path, f"{PROT_BERT_TOKENS} LA")).size == 31


def test_where_a_checkpoint_lies_has_one_name() -> None:
    assert same_reading.CHECKPOINT == weights.CHECKPOINT


def test_a_corrected_configuration_is_another_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The weights are the same, and so is the run's name in a folder of its own."""
    folder = make_checkpoint(tmp_path / "weights", "prot_bert", sharpness=30)
    data = write_lmdb(tmp_path / "data.lmdb", records_of("modifications"))
    arguments = ["run", "--model", "mine", "--architecture", "bert", "--weights", str(folder)]
    arguments += ["--quiet", "--dataset", "modifications", "--data", str(data), "--out"]
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    assert main([*arguments, here]) == 0
    change_config(folder, transformers_version="4.0", id2label={"0": "a"})
    assert main([*arguments, here]) == 0
    assert len(list_runs(here)) == 1
    change_config(folder, num_attention_heads=6)
    assert main([*arguments, here]) == 1
    assert "another configuration and vocabulary of the same weights" in capsys.readouterr().err
    for _ in range(2):
        assert main([*arguments, here, "--add"]) == 0
    assert main([*arguments, there]) == 0
    runs, alone = list_runs(here), list_runs(there).iloc[0]
    assert sorted(runs["heads"]) == [3, 6]
    assert runs.loc[runs["heads"] == 3, "run"].item() == alone["run"]
    text = (folder / "vocab.txt").read_text()
    (folder / "vocab.txt").write_text(text.replace("L\nA", "A\nL"))
    assert main([*arguments, there]) == 1
