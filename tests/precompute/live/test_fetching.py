"""Fetching against a local server that speaks the services' paths, well and badly."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from precompute.errors import AtlasError
from precompute.live.getting import downloading, entries, inputs
from precompute.live.getting.aligned import read_aligned
from precompute.live.getting.inputs import fold, open_source, public_source, with_fold
from precompute.live.getting.protein import Protein, bare_protein
from tests.precompute.live.snippets import helix, mmcif, numbered, pdb
from tests.small_disk import small_disk

FOLDED = "AGSTWDKLVI"
NAMES = ["ALA", "GLY", "SER", "THR", "TRP", "ASP", "LYS", "LEU", "VAL", "ILE"]
ENTRY = gzip.compress(mmcif(helix(numbered(NAMES)), sequence=NAMES, title="A helix"))
MODEL = mmcif(helix(numbered(NAMES)), sequence=NAMES)
PREDICTION = json.dumps(
    [
        {
            "cifUrl": "https://elsewhere.example/files/AF-P69905-F1-model_v6.cif",
            "uniprotDescription": "Hemoglobin <b>subunit</b> alpha",
            "globalMetricValue": 98.06,
        }
    ]
).encode()
PAGE = b"<!DOCTYPE html><html><body>Maintenance</body></html>"

Answer = Callable[["Handler"], object]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that leave are part of the tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def give(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.asked.append((self.path, self.rfile.read(length)))
        answer = self.server.answers.get(self.path)
        if answer:
            answer(self)
        else:
            self.give(b"nothing here", 404)

    do_POST = do_GET  # noqa: N815


def fixed(content: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda handler: handler.give(content, status, **headers)


def forget() -> None:
    """Be as a server that was started anew."""
    inputs._open.cache_clear()
    inputs._failures.clear()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("ATLAS_RCSB_URL", server.url)
    monkeypatch.setenv("ATLAS_ALPHAFOLD_URL", f"{server.url}/")
    monkeypatch.setenv("ATLAS_ESMFOLD_URL", f"{server.url}/foldSequence/v1/pdb/")
    monkeypatch.setenv("ATLAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(downloading, "BACKOFF_SECONDS", 0.0)
    forget()
    server.answers = {
        "/download/1ABC.cif.gz": fixed(ENTRY),
        "/api/prediction/P69905": fixed(PREDICTION),
        "/files/AF-P69905-F1-model_v6.cif": fixed(MODEL),
        "/foldSequence/v1/pdb": fixed(pdb(helix(numbered(NAMES)))),
    }
    yield server
    server.shutdown()
    server.server_close()
    forget()


def kept() -> list[str]:
    folder = downloading.cache_folder()
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def again(source: str, chain: str | None = None) -> Protein:
    forget()
    return open_source(source, chain)


def test_an_entry_of_the_pdb_is_fetched_once(server: Server) -> None:
    protein = again("pdb:1abc")
    assert protein.sequence == "AGSTWDKLVI"
    assert protein.title == "A helix"
    assert protein.source == "pdb:1ABC"
    assert protein.parameters == {"protein": "pdb:1ABC", "chain": "A"}
    assert kept() == ["pdb-1ABC.cif.gz"]
    assert again("pdb:pdb_00001abc", "A").sequence == protein.sequence
    assert [path for path, _ in server.asked] == ["/download/1ABC.cif.gz"]


def test_a_prediction_of_alphafold_is_taken_from_the_base_alone(server: Server) -> None:
    protein = again("uniprot:p69905")
    assert protein.source == "uniprot:P69905"
    assert protein.title == "Hemoglobin <b>subunit</b> alpha"
    assert any("mean pLDDT 98 of 100" in note for note in protein.notes)
    assert [path for path, _ in server.asked] == [
        "/api/prediction/P69905",
        "/files/AF-P69905-F1-model_v6.cif",
    ]


def test_a_fold_has_the_sequence_and_is_not_kept(server: Server) -> None:
    protein = fold(FOLDED)
    assert protein.structure is not None
    assert protein.private
    assert any("prediction" in note for note in protein.notes)
    assert server.asked == [("/foldSequence/v1/pdb", FOLDED.encode())]
    assert kept() == []
    with pytest.raises(AtlasError, match="has this sequence of 10 residues"):
        fold("AGSTWDKLVW")


@pytest.mark.parametrize(
    "given",
    [
        bare_protein("first", FOLDED, "the one", ("A note.",)),
        bare_protein("other", FOLDED),
        read_aligned(f">q\n{FOLDED}\n>h\nAGSTWDK-VI\n", "mine.fasta"),
        read_aligned(f">q\n{FOLDED[:4]}-{FOLDED[4:]}\n>h\nAGSTAWDK-VI\n", ""),
    ],
    ids=["a record", "another record", "an alignment", "a query with a gap"],
)
def test_a_fold_is_given_to_what_has_its_sequence(server: Server, given: Protein) -> None:
    folded = fold(FOLDED)
    protein = with_fold(given, folded)
    assert with_fold(given, folded) is protein
    assert (protein.structure, protein.residue_keys) == (folded.structure, folded.residue_keys)
    assert protein.identifier == given.identifier
    assert protein.title == given.title
    assert protein.family is given.family
    assert protein.chain is not None
    assert protein.chain.contact_states() is not None
    assert {*given.notes, *folded.notes} <= {*protein.notes}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pdb:",
        "pdb:../../etc/passwd",
        "pdb:1AB",
        "pdb:1ABC/",
        "pdb:1AB%2f",
        "pdb:1ABC\n",
        "pdb:A123",
        "pdb:١abc",
        "uniprot:../P69905",
        "uniprot:P69905-0",
        "uniprot:P69905-2-F1",
        "uniprot:P69905?x",
        "file:1ABC",
        "http://127.0.0.1/",
        "example:../../x",
        "upload",
    ],
)
def test_what_is_no_identifier_asks_nobody(server: Server, text: str) -> None:
    good = text.rstrip("\n") == "pdb:1ABC"
    assert public_source(text) is good
    if not good:
        with pytest.raises(AtlasError):
            again(text)
        assert server.asked == []


def said(source: str = "pdb:1ABC") -> str:
    with pytest.raises(AtlasError) as caught:
        again(source)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "http://" not in sentence
    assert kept() == []
    return sentence


def test_an_entry_that_is_not_there(server: Server) -> None:
    assert said("pdb:9XYZ") == "The PDB's server has not got the entry 9XYZ."
    assert said("uniprot:Q00000") == "AlphaFold DB has not got a prediction for Q00000."


@pytest.mark.parametrize(
    "content", [PAGE, gzip.compress(PAGE), ENTRY[:300], b"", gzip.compress(b""), b"\x1f\x8b"]
)
def test_a_page_in_place_of_an_entry_is_not_kept(server: Server, content: bytes) -> None:
    server.answers["/download/1ABC.cif.gz"] = fixed(content, Content_Type="text/html")
    said()
    server.answers["/download/1ABC.cif.gz"] = fixed(ENTRY)
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        b"[]",
        b"{}",
        b'[{"cifUrl": "https://x/../../etc/passwd"}]',
        b'[{"cifUrl": "http://x/files/AF-Q99999-F1-model_v6.cif"}]',
        b'[{"cifUrl": 3}]',
        b"[3, null, []]",
        b"[" * 100_000,
        b'[{"cifUrl": "AF-P69905-F2-model_v6.cif"}]',
        b'[{"cifUrl": "AF-P69905-F1-model_v6.cif", "uniprotAccession": "Q99999"}]',
        b'[{"cifUrl": "https://x/files/AF-0000000066503175-model_v1.cif"}]',
    ],
    ids=lambda content: repr(content[:60]),
)
def test_a_strange_answer_about_a_prediction(server: Server, content: bytes) -> None:
    server.answers["/api/prediction/P69905"] = fixed(content)
    assert "something that is not a prediction for P69905" in said("uniprot:P69905")
    assert len(server.asked) == 1


def entry(name: str, **said: object) -> dict[str, object]:
    """What AlphaFold DB says of one file: ``P04637-2-F1`` and the like."""
    accession = name.rpartition("-F")[0]
    url = f"https://alphafold.example/files/AF-{name}-model_v6.cif"
    return {"cifUrl": url, "uniprotAccession": accession, **said}


P53 = [
    entry("P04637-9-F1", uniprotDescription="Isoform 9", globalMetricValue=50.0),
    {"cifUrl": "https://alphafold.example/files/AF-0000000066503175-model_v1.cif"},
    entry("P04637-2-F1", uniprotDescription="Isoform 2", globalMetricValue=60.5),
    entry("Q9TTA1-F1", uniprotDescription="Another's"),
    entry("P04637-F1", uniprotDescription="Cellular tumor antigen p53", globalMetricValue=75.1),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_the_canonical_entry_among_isoforms_in_any_order(order: tuple[int, ...]) -> None:
    content = json.dumps([P53[place] for place in order]).encode()
    found = entries.read_prediction(content, "P04637")
    assert found == ("AF-P04637-F1-model_v6.cif", "Cellular tumor antigen p53", 75.1, 1)
    found = entries.read_prediction(content, "P04637-2")
    assert found == ("AF-P04637-2-F1-model_v6.cif", "Isoform 2", 60.5, 1)


def test_an_isoform_is_fetched_from_the_answer_about_its_protein(server: Server) -> None:
    server.answers["/api/prediction/P04637"] = fixed(json.dumps(P53).encode())
    server.answers["/files/AF-P04637-2-F1-model_v6.cif"] = fixed(MODEL)
    server.answers["/files/AF-P04637-F1-model_v6.cif"] = fixed(MODEL)
    protein = again("uniprot:p04637-2")
    assert (protein.source, protein.title) == ("uniprot:P04637-2", "Isoform 2")
    protein = again("uniprot:P04637")
    assert (protein.source, protein.title) == ("uniprot:P04637", "Cellular tumor antigen p53")
    assert [path for path, _ in server.asked] == [
        "/api/prediction/P04637",
        "/files/AF-P04637-2-F1-model_v6.cif",
        "/files/AF-P04637-F1-model_v6.cif",
    ]


def test_isoforms_alone_are_named(server: Server) -> None:
    server.answers["/api/prediction/P04637"] = fixed(json.dumps(P53[:4]).encode())
    assert said("uniprot:P04637") == (
        "AlphaFold DB has not got a prediction for P04637 itself; it has P04637-2, P04637-9."
    )
    assert "it has P04637-2, P04637-9." in said("uniprot:P04637-3")


def test_fragments_and_versions_of_one_protein() -> None:
    parts = [entry(f"P69905-F{number}") for number in (3, 1, 2)]
    old = {"cifUrl": "x/AF-P69905-F1-model_v4.cif", "globalMetricValue": float("nan")}
    for listed in (parts, [old, *parts], [*parts, old]):
        found = entries.read_prediction(json.dumps(listed).encode(), "P69905")
        assert found == ("AF-P69905-F1-model_v6.cif", "", None, 3)


def test_a_busy_server_is_asked_again(server: Server) -> None:
    times: list[int] = []

    def answer(handler: Handler) -> None:
        times.append(1)
        if len(times) < 3:
            handler.give(b"busy", 503)
        else:
            handler.give(ENTRY)

    server.answers["/download/1ABC.cif.gz"] = answer
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"
    assert len(times) == 3


def test_a_server_that_stays_busy(server: Server) -> None:
    server.answers["/download/1ABC.cif.gz"] = fixed(PAGE, 503)
    assert "out of order or busy" in said()
    assert len(server.asked) == downloading.ATTEMPTS


def test_a_page_that_runs_anew_does_not_ask_a_failing_service_each_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        with pytest.raises(AtlasError, match="has not got the entry 9XYZ"):
            open_source("pdb:9XYZ")
    assert len(server.asked) == 1
    server.answers["/download/9XYZ.cif.gz"] = fixed(ENTRY)
    monkeypatch.setattr(inputs, "FAILURE_SECONDS", 0.0)
    assert open_source("pdb:9XYZ").sequence == "AGSTWDKLVI"


def test_a_refusal(server: Server) -> None:
    server.answers["/download/1ABC.cif.gz"] = fixed(PAGE, 403)
    assert "refuses to give the entry 1ABC" in said()


def test_a_redirect_to_another_host_is_not_followed(server: Server) -> None:
    other = Server()
    threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
    with contextlib.closing(other.socket):
        for target in (f"{other.url}/x", "file:///etc/passwd", "//169.254.169.254/latest"):
            server.answers["/download/1ABC.cif.gz"] = fixed(b"", 302, Location=target)
            assert "redirects to another host" in said()
        assert other.asked == []
        other.shutdown()


def test_a_redirect_on_the_same_host_is_followed(server: Server) -> None:
    server.answers["/download/1ABC.cif.gz"] = fixed(b"", 302, Location="/view/1ABC")
    server.answers["/view/1ABC"] = fixed(ENTRY)
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"


def test_a_circle_of_redirects(server: Server) -> None:
    path = "/download/1ABC.cif.gz"
    server.answers[path] = fixed(b"", 302, Location=path)
    assert "redirects without end" in said()
    assert len(server.asked) == downloading.MOST_REDIRECTS + 1


def test_an_answer_that_is_too_large_by_its_own_word(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_MAX_UPLOAD", "1")
    server.answers["/download/1ABC.cif.gz"] = fixed(b"\x1f\x8b" + os.urandom(1_100_000))
    assert "more than the 1 MB" in said()


def test_an_answer_without_end_is_cut(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_MAX_UPLOAD", "1")
    sent = []

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent.append(65536)

    server.answers["/download/1ABC.cif.gz"] = answer
    assert "more than the 1 MB" in said()
    assert sum(sent) < 30 * 1024**2


def test_a_bomb_is_not_unpacked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_MAX_UPLOAD", "1")
    server.answers["/download/1ABC.cif.gz"] = fixed(gzip.compress(b"data_x\n" * 1_000_000))
    assert "more than 1 MB" in said()


def test_a_transfer_that_is_not_unpacked_on_the_way(server: Server) -> None:
    """The content tells whether it is packed, however often servers on the way did it."""
    server.answers["/download/1ABC.cif.gz"] = fixed(gzip.compress(ENTRY), Content_Encoding="gzip")
    assert again("pdb:1abc").sequence == "AGSTWDKLVI"


def test_a_silent_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "READ_SECONDS", 0.1)
    done = threading.Event()
    server.answers["/download/1ABC.cif.gz"] = lambda handler: str(done.wait(20))
    assert "does not answer" in said()
    done.set()


def test_a_server_that_drips(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part comes before the time for silence is over; the whole never would."""
    monkeypatch.setattr(downloading, "TOTAL_SECONDS", 0.3)
    real = entries.ask
    monkeypatch.setattr(
        entries, "ask", lambda *args, **more: real(*args, **{"seconds": 0.3, **more})
    )

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(400):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    server.answers["/download/1ABC.cif.gz"] = answer
    assert "too slow" in said()


def test_a_connection_that_breaks(server: Server) -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ENTRY)))
        handler.end_headers()
        handler.wfile.write(ENTRY[:200])
        handler.close_connection = True

    server.answers["/download/1ABC.cif.gz"] = answer
    assert "connection to the PDB's server broke" in said()


def test_a_server_that_is_not_there(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_RCSB_URL", "http://127.0.0.1:9")
    assert "cannot be reached from here" in said()
    monkeypatch.setenv("ATLAS_RCSB_URL", "http://no-such-host.invalid")
    assert "cannot be reached from here" in said()


def test_a_base_that_is_no_address(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_RCSB_URL", "file:///etc")
    assert "ATLAS_RCSB_URL is no http or https address" in said()
    monkeypatch.setenv("ATLAS_RCSB_URL", "")
    assert "not set up here" in said()


def test_an_old_file_is_asked_for_anew_and_serves_when_nobody_answers(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    again("pdb:1ABC")
    path = downloading.cache_folder() / "pdb-1ABC.cif.gz"
    os.utime(path, (0, 0))
    again("pdb:1ABC")
    assert len(server.asked) == 2
    os.utime(path, (0, 0))
    server.answers["/download/1ABC.cif.gz"] = fixed(PAGE, 503)
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"


def test_a_damaged_kept_file_is_asked_for_anew(server: Server) -> None:
    again("pdb:1ABC")
    path = downloading.cache_folder() / "pdb-1ABC.cif.gz"
    path.write_bytes(b"rubbish")
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"
    assert path.read_bytes() == ENTRY


def test_the_folder_keeps_to_its_size(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(("1AAA", "2AAA", "3AAA"), 1):
        server.answers[f"/download/{name}.cif.gz"] = fixed(ENTRY)
        monkeypatch.setattr(downloading, "CACHE_BYTES", 2 * len(ENTRY))
        again(f"pdb:{name}")
        path = downloading.cache_folder() / f"pdb-{name}.cif.gz"
        os.utime(path, (time.time() - 100 + number, time.time()))
    assert kept() == ["pdb-2AAA.cif.gz", "pdb-3AAA.cif.gz"]


def test_a_folder_that_cannot_be_written_keeps_nobody_from_the_entry(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ATLAS_CACHE", str(tmp_path / "file" / "cache"))
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"


def test_a_full_or_read_only_disk_keeps_nobody_from_the_entry(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A real one: nothing is left half written, and it is kept again once there is room."""
    with small_disk(tmp_path / "disk", "4k") as disk:
        (disk.folder / "other").write_bytes(b"x" * 4096)
        monkeypatch.setenv("ATLAS_CACHE", str(disk.folder / "cache"))
        assert again("pdb:1ABC").sequence == "AGSTWDKLVI"
        assert kept() == []
        disk.make_room()
        assert again("pdb:1ABC").sequence == "AGSTWDKLVI"
        assert kept() == ["pdb-1ABC.cif.gz"]
        disk.forbid_writing()
        server.answers["/download/2ABC.cif.gz"] = fixed(ENTRY)
        assert again("pdb:1ABC").sequence == again("pdb:2ABC").sequence == "AGSTWDKLVI"
        assert kept() == ["pdb-1ABC.cif.gz"]


def test_a_clock_that_goes_back_keeps_what_was_fetched(server: Server) -> None:
    again("pdb:1ABC")
    path = downloading.cache_folder() / "pdb-1ABC.cif.gz"
    os.utime(path, (time.time() + 10 * 86400,) * 2)  # fetched ten days from now
    assert again("pdb:1ABC").sequence == "AGSTWDKLVI"
    assert len(server.asked) == 1


def test_many_visitors_at_once(server: Server) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(inputs._open.__wrapped__("pdb", "1ABC", None).sequence)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["AGSTWDKLVI"] * 8
    assert kept() == ["pdb-1ABC.cif.gz"]


def test_examples_need_no_server(server: Server) -> None:
    protein = again("example:1T8K")
    assert protein.structure is not None
    assert protein.chain is not None
    assert protein.chain.contact_states() is not None
    assert server.asked == []
