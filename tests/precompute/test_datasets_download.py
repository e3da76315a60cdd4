"""Downloads from a server that speaks ranges, breaks connections and lies; Parquet records."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import re
import shutil
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.server import free_port
from precompute.datasets import DATASETS, archive, download, find_dataset, transfer
from precompute.datasets.archive import extract
from precompute.datasets.download import Original, fetch_dataset
from precompute.datasets.parquet_file import ParquetChains, open_records
from precompute.datasets.proteinnet import read_chain
from precompute.errors import AtlasError
from tests.chains import records_of, write_lmdb
from tests.small_disk import small_disk


@dataclass
class Server:
    """What a server has, how it misbehaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    url: str = ""
    status: int = 200
    kind: str = "application/octet-stream"
    ranges: bool = True
    break_after: list[int] = field(default_factory=list)
    length_added: int = 0
    etag: str | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def send(self, status: int, headers: dict[str, str], data: bytes, body: bool) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def answer(self, *, body: bool) -> None:
        state = self.state
        wanted = self.headers.get("Range", "")
        state.asked.append((self.path, wanted))
        data = state.files.get(self.path.split("?")[0])
        if state.status != 200 or data is None:
            page = b"<html><body>no</body></html>"
            headers = {"Content-Type": "text/html", "Content-Length": str(len(page))}
            self.send(404 if state.status == 200 else state.status, headers, page, body)
            return
        tag = state.etag or f'"{hashlib.md5(data).hexdigest()}"'
        headers = {
            "Content-Type": "application/json" if "/api/" in self.path else state.kind,
            "ETag": tag,
            "X-Repo-Commit": "0" * 40,
        }
        start, status = 0, 200
        match = re.fullmatch(r"bytes=(\d+)-", wanted)
        if match and state.ranges and self.headers.get("If-Range", tag) == tag:
            start, status = int(match[1]), 206
            if start >= len(data):
                headers |= {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"}
                self.send(416, headers, b"", body)
                return
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        part = data[start:]
        headers["Content-Length"] = str(len(part) + state.length_added)
        if body and state.break_after:
            self.send(status, headers, part[: state.break_after.pop(0)], body)
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.send(status, headers, part, body)
        if state.length_added:
            self.close_connection = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()
    handler = type("OwnHandler", (Handler,), {"state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.url = f"http://127.0.0.1:{http.server_port}"
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setattr(transfer, "_PAUSE", 0.0)
    monkeypatch.setattr(transfer, "_CHUNK", 2000)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv(download.BASE_VARIABLE, raising=False)
    yield state
    http.shutdown()
    http.server_close()


def tar_of(folder: Path, prefix: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, f"{prefix}{folder.name}")
    return buffer.getvalue()


@pytest.fixture
def proteinnet(tmp_path: Path) -> bytes:
    path = write_lmdb(tmp_path / "proteinnet_train.lmdb", records_of("proteinnet"))
    return tar_of(path, "proteinnet/")


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    data = write_lmdb(tmp_path / "sites.lmdb", records_of("binding_sites")) / "data.mdb"
    content = data.read_bytes()
    original = download.ORIGINALS["binding_sites"]
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    monkeypatch.setitem(
        download.ORIGINALS, "binding_sites", Original(original.base, original.path, blob)
    )
    return content


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


@pytest.fixture
def fetch(server: Server, tmp_path: Path) -> Callable[..., Path]:
    def fetch(name: str = "proteinnet", **options: Any) -> Path:
        options = {"base_url": server.url, "quiet": True} | options
        return fetch_dataset(find_dataset(name), tmp_path / "data", **options)

    return fetch


def test_an_archive_becomes_a_dataset(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, tmp_path: Path
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    path = fetch()
    assert path == tmp_path / "data" / "proteinnet" / "proteinnet_train.lmdb"
    with find_dataset("proteinnet").open(path) as chains:
        sequences = [chains[number].sequence for number in range(len(chains))]
    assert sequences == [record["primary"] for record in records_of("proteinnet")]
    assert leftovers(tmp_path / "data") == []
    asked = len(server.asked)
    assert fetch() == path
    assert len(server.asked) == asked, "what is there is not fetched again"


def test_a_file_of_the_papers_repository(
    server: Server,
    fetch: Callable[..., Path],
    sites: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.files["/binding_sites/binding_site_train.lmdb/data.mdb"] = sites
    monkeypatch.setenv(download.BASE_VARIABLE, server.url)
    path = fetch("binding_sites", base_url=None)
    assert path == tmp_path / "data" / "binding_sites" / "binding_site_train.lmdb"
    assert (path / "data.mdb").read_bytes() == sites
    assert leftovers(tmp_path / "data") == []


def test_a_file_that_is_another_version_is_refused(
    server: Server, fetch: Callable[..., Path], sites: bytes, tmp_path: Path
) -> None:
    server.files["/binding_sites/binding_site_train.lmdb/data.mdb"] = sites + b"\0"
    with pytest.raises(AtlasError, match="not the file that it should be"):
        fetch("binding_sites")
    assert leftovers(tmp_path / "data") == []


def test_a_broken_connection_is_taken_up(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    server.break_after = [3000, 0, 1500, 10]
    assert fetch().exists()
    starts = [int(r.removeprefix("bytes=").rstrip("-") or 0) for _, r in server.asked]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert starts[-1] > 4000


def test_a_later_command_takes_up_too(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, tmp_path: Path
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    server.break_after = [4500, *[0] * transfer._ATTEMPTS]
    with pytest.raises(AtlasError, match="are kept for the next time"):
        fetch()
    assert any(name.endswith(".part") for name in leftovers(tmp_path / "data"))
    server.asked.clear()
    assert fetch().exists()
    assert server.asked[0][1].startswith("bytes=")
    assert leftovers(tmp_path / "data") == []


def test_halves_of_two_versions_are_not_joined(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, tmp_path: Path
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet[:4000] + b"another" * 2000
    server.break_after = [4500, *[0] * transfer._ATTEMPTS]
    with pytest.raises(AtlasError):
        fetch()
    server.files["/proteinnet.tar.gz"] = proteinnet
    assert fetch().exists()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_whole_part_file_and_a_server_without_ranges(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, tmp_path: Path, ranges: bool
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    server.ranges = ranges
    part = tmp_path / "data" / ".proteinnet-proteinnet.tar.gz.part"
    part.parent.mkdir()
    part.write_bytes(proteinnet)
    tag = f'"{hashlib.md5(proteinnet).hexdigest()}"'
    state = {"url": f"{server.url}/proteinnet.tar.gz", "total": len(proteinnet), "validator": tag}
    part.with_name(f"{part.name}.json").write_text(json.dumps(state))
    assert fetch().exists()
    assert len(server.asked) == 1
    assert leftovers(tmp_path / "data") == []


def test_a_part_file_that_is_too_long_is_begun_anew(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, tmp_path: Path
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    part = tmp_path / "data" / ".proteinnet-proteinnet.tar.gz.part"
    part.parent.mkdir()
    part.write_bytes(proteinnet + b"more")
    state = {"url": f"{server.url}/proteinnet.tar.gz", "total": len(proteinnet), "validator": ""}
    part.with_name(f"{part.name}.json").write_text(json.dumps(state))
    assert fetch().exists()


@pytest.mark.parametrize(
    ("status", "said"), [(404, "does not have it"), (403, "refuses it"), (418, "answered 418")]
)
def test_a_server_that_says_no(
    server: Server, fetch: Callable[..., Path], tmp_path: Path, status: int, said: str
) -> None:
    server.status = status
    with pytest.raises(AtlasError, match=said) as refused:
        fetch()
    assert "\n" not in str(refused.value)
    assert len(server.asked) == 1
    assert leftovers(tmp_path / "data") == []


def test_a_server_that_is_overloaded(server: Server, fetch: Callable[..., Path]) -> None:
    server.status = 503
    with pytest.raises(AtlasError, match="connection broke"):
        fetch()
    assert len(server.asked) == transfer._ATTEMPTS


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("text/html", b"<html>sign in</html>"),
        ("application/xml", b"<Error><Code>AccessDenied</Code></Error>"),
        ("application/gzip", b"<html>sign in</html>"),
        ("application/octet-stream", b"\x1f\x8b not gzip after all"),
        ("application/octet-stream", b""),
    ],
)
@pytest.mark.parametrize("name", ["proteinnet", "binding_sites"])
def test_a_page_is_never_a_dataset(
    server: Server, fetch: Callable[..., Path], tmp_path: Path, kind: str, page: bytes, name: str
) -> None:
    server.kind = kind
    server.files["/proteinnet.tar.gz"] = page
    server.files["/binding_sites/binding_site_train.lmdb/data.mdb"] = page
    with pytest.raises(AtlasError, match="could not be fetched"):
        fetch(name)
    assert leftovers(tmp_path / "data") == []
    assert not list((tmp_path / "data").rglob("*.mdb"))


def test_a_length_that_is_not_kept(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    server.length_added = 100
    server.ranges = False
    with pytest.raises(AtlasError, match="connection broke"):
        fetch()
    # The next command asks for the rest, and the server owns that there is none.
    server.ranges = True
    assert fetch().exists()


def test_a_truncated_archive_and_another_datasets(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, tmp_path: Path
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet[: len(proteinnet) // 2]
    with pytest.raises(AtlasError, match="damaged"):
        fetch()
    shutil.rmtree(tmp_path / "proteinnet_train.lmdb")
    other = write_lmdb(tmp_path / "proteinnet_train.lmdb", records_of("modifications"))
    server.files["/proteinnet.tar.gz"] = tar_of(other)
    with pytest.raises(AtlasError, match=r"not ProteinNet.*tertiary"):
        fetch()
    assert leftovers(tmp_path / "data") == []


def test_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_PAUSE", 0.0)
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(AtlasError, match="cannot be reached from here") as refused:
        fetch_dataset(find_dataset("proteinnet"), tmp_path, base_url=url, quiet=True)
    assert "--data" in str(refused.value)


def test_a_full_disk(
    server: Server, fetch: Callable[..., Path], proteinnet: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["/proteinnet.tar.gz"] = proteinnet
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(AtlasError, match=r"disk of .* is full"):
        fetch()
    monkeypatch.undo()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "extract", full)
    with pytest.raises(AtlasError, match=r"disk of .* is full"):
        fetch()


def test_a_disk_that_is_really_full(server: Server, tmp_path: Path, proteinnet: bytes) -> None:
    """While the archive comes, and while it is unpacked; what came is kept, and it goes on."""
    server.files["/proteinnet.tar.gz"] = proteinnet
    unpacked = (tmp_path / "proteinnet_train.lmdb" / "data.mdb").stat().st_size
    for size in (len(proteinnet) // 2, len(proteinnet) + 12_000, len(proteinnet) + unpacked // 2):
        with small_disk(tmp_path / f"disk-{size}", str(size)) as disk:
            folder = disk.folder / "data"
            get = partial(
                fetch_dataset, find_dataset("proteinnet"), folder, base_url=server.url, quiet=True
            )
            with pytest.raises(AtlasError, match=r"disk of .* is full; make room"):
                get()
            assert not list(folder.glob("proteinnet*"))
            disk.make_room()
            with find_dataset("proteinnet").open(get()) as chains:
                assert len(chains) == len(records_of("proteinnet"))
            assert leftovers(folder) == []


def test_a_folder_that_is_a_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AtlasError, match="cannot be written"):
        fetch_dataset(find_dataset("proteinnet"), tmp_path / "file", base_url=server.url)


@pytest.mark.parametrize("name", ["../outside.lmdb/data.mdb", "/nowhere/outside.lmdb/data.mdb"])
def test_an_archive_that_writes_elsewhere(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("a.lmdb/data.mdb")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../etc/passwd"
        for member in (tarfile.TarInfo(name), link):
            tar.addfile(member, io.BytesIO())
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(AtlasError, match="outside its folder"):
        extract(tmp_path / "evil.tar.gz", inside)
    assert not (tmp_path / "outside.lmdb").exists()
    assert not Path("/nowhere/outside.lmdb").exists()


def test_an_archive_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAXIMUM_UNPACKED", 1000)
    with tarfile.open(tmp_path / "big.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("a.lmdb/data.mdb")
        member.size = 2000
        tar.addfile(member, io.BytesIO(b"\0" * 2000))
    with pytest.raises(AtlasError, match="more than any dataset"):
        extract(tmp_path / "big.tar.gz", tmp_path)


def add_hub(server: Server, repository: str, files: dict[str, bytes]) -> None:
    """Serve what the hub's client asks of a repository of datasets."""
    commit = "0" * 40
    siblings = [{"rfilename": name, "size": len(data)} for name, data in files.items()]
    about = {"id": repository, "sha": commit, "siblings": siblings, "tags": []}
    tree = [
        {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
        for name, data in files.items()
    ]
    for revision in ("main", commit):
        api = f"/api/datasets/{repository}"
        server.files[f"{api}/revision/{revision}"] = json.dumps(about).encode()
        server.files[f"{api}/tree/{revision}"] = json.dumps(tree).encode()
        for name, data in files.items():
            server.files[f"/datasets/{repository}/resolve/{revision}/{name}"] = data


def test_mirrors_are_asked_when_the_original_is_gone(
    server: Server, proteinnet: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        download.ORIGINALS, "proteinnet", Original(server.url, "gone/proteinnet.tar.gz")
    )
    add_hub(
        server,
        "proteinea/contact_prediction",
        {"proteinnet.tar.gz": proteinnet, "train.pickle": b"never asked for"},
    )
    path = fetch_dataset(
        find_dataset("proteinnet"), tmp_path / "data", hub_url=server.url, quiet=True
    )
    assert path == tmp_path / "data" / "proteinnet" / "proteinnet_train.lmdb"
    assert not any("pickle" in asked for asked, _ in server.asked)
    assert leftovers(tmp_path / "data") == []


def test_the_parquet_mirror_is_the_last(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        download.ORIGINALS, "proteinnet", Original(server.url, "gone/proteinnet.tar.gz")
    )
    shard = write_parquet(tmp_path / "train.parquet").read_bytes()
    add_hub(server, "fredzzp/contact_data", {"data/train-00000-of-00001.parquet": shard})
    path = fetch_dataset(
        find_dataset("proteinnet"), tmp_path / "data", hub_url=server.url, quiet=True
    )
    assert path == tmp_path / "data" / "proteinnet_parquet"
    with find_dataset("proteinnet").open(path) as chains:
        assert chains[0].sequence == records_of("proteinnet")[0]["primary"]


def test_every_place_is_named_when_none_has_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        download.ORIGINALS, "proteinnet", Original(server.url, "gone/proteinnet.tar.gz")
    )
    with pytest.raises(AtlasError) as refused:
        fetch_dataset(find_dataset("proteinnet"), tmp_path, hub_url=server.url, quiet=True)
    for place in ("gone/proteinnet.tar.gz", "proteinea/contact_prediction", "fredzzp"):
        assert place in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_downloadable_dataset_has_an_original() -> None:
    own = {"structures", "families", "alignments"}  # folders of the user's own
    assert set(download.ORIGINALS) == {name for name, d in DATASETS.items() if d.files} - own


def write_parquet(
    path: Path, change: Callable[[dict[str, Any]], dict[str, Any]] = dict, rows: int = 2
) -> Path:
    plain = [
        {
            "id": record["id"].decode(),
            "primary": record["primary"],
            "tertiary": record["tertiary"].tolist(),
            "valid_mask": record["valid_mask"].tolist(),
        }
        for record in records_of("proteinnet")
    ]
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist([change(r) for r in plain]), path, row_group_size=rows)
    return path


def flat(record: dict[str, Any]) -> dict[str, Any]:
    xyz = [value for row in record["tertiary"] for value in row]
    return {
        "seq": record["primary"],
        "tertiary": xyz,
        "valid_mask": [int(v) for v in record["valid_mask"]],
    }


@pytest.mark.parametrize("change", [dict, flat])
def test_parquet_reads_as_lmdb_does(tmp_path: Path, change: Any) -> None:
    lmdb = open_records(
        write_lmdb(tmp_path / "a.lmdb", records_of("proteinnet")), read_chain=read_chain
    )
    parquet = open_records(write_parquet(tmp_path / "a.parquet", change), read_chain=read_chain)
    assert len(parquet) == len(lmdb)
    for number in reversed(range(len(lmdb))):
        one, other = lmdb[number], parquet[number]
        assert one.sequence == other.sequence
        assert np.array_equal(one.resolved, other.resolved)
        assert np.array_equal(one.contact_states(), other.contact_states())
        assert other.identifier == (f"record {number}" if change is flat else one.identifier)
    assert len(parquet.sha256()) == 64
    parquet.close()


def test_shards_in_order_and_training_data_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precompute.datasets.parquet_file._KEPT_BYTES", 1)
    for name in ("train-00001-of-00002", "train-00000-of-00002", "test-00000-of-00001"):
        write_parquet(tmp_path / "data" / f"{name}.parquet", rows=1)
    with ParquetChains(tmp_path, read_chain) as chains:
        records = records_of("proteinnet")
        assert len(chains) == 2 * len(records)
        for number in np.random.default_rng(1).permutation(len(chains)):
            assert chains[int(number)].sequence == records[number % len(records)]["primary"]


def test_parquet_that_cannot_be_used(tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    for content in (
        b"",
        b"my marathon times",
        write_parquet(tmp_path / "g.parquet").read_bytes()[:99],
    ):
        bad.write_bytes(content)
        with pytest.raises(AtlasError, match=r"bad\.parquet is no readable"):
            open_records(bad, read_chain)
    pq.write_table(pa.table({"primary": pa.array([], pa.string())}), bad)
    with pytest.raises(AtlasError, match="empty"):
        open_records(bad, read_chain)
    pq.write_table(pa.table({"text": ["a"], "label": [1]}), bad)
    with pytest.raises(AtlasError, match=r"bad\.parquet, record 0: there is no primary.*label"):
        open_records(bad, read_chain)[0]
    for change in (
        {"tertiary": [[1.0, 2.0, 3.0]]},
        {"tertiary": None},
        {"tertiary": [["x"] * 3]},
        {"valid_mask": None},
        {"primary": None},
        {"primary": "acd"},
    ):
        write_parquet(bad, lambda record, change=change: record | change)
        with pytest.raises(AtlasError, match=r"bad\.parquet, record 0"):
            open_records(bad, read_chain)[0]
