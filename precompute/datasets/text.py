"""From the bytes of a stranger's text file to text: compression, encodings, line ends.

A file is told by what it holds, not by what it is called: ``.gz`` is missing or too much
often enough. Everything here takes time in proportion to the bytes.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import unicodedata
import zlib
from functools import partial
from typing import NamedTuple

from precompute.errors import AtlasError

_GZIP = b"\x1f\x8b"
_MOST_LAYERS = 3
"""A browser or a server packs a file again that was packed already."""


class _Packed(NamedTuple):
    place: int
    sign: bytes
    what: str


_OTHERS = (
    _Packed(0, b"PK\x03\x04", "a zip archive (or an office document)"),
    _Packed(4, b"1AY&SY", "compressed with bzip2"),
    _Packed(0, b"\xfd7zXZ\x00", "compressed with xz"),
    _Packed(0, b"(\xb5/\xfd", "compressed with zstd"),
    _Packed(0, b"\x1f\x9d", "compressed with compress (.Z)"),
    _Packed(0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    _Packed(0, b"Rar!\x1a", "a rar archive"),
    _Packed(257, b"ustar", "a tar archive"),
    _Packed(0, b"%PDF-", "a PDF document"),
    _Packed(0, b"{\\rtf", "an RTF document"),
    _Packed(0, b"\x89PNG", "a picture"),
    _Packed(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    _Packed(0, b"\x89HDF\r\n", "an HDF5 file"),
)

# Those of four bytes come first: the first two of one are those of another.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_WIDE = tuple(mark for mark, name in _MARKS if name != "utf-8")

# How Python marks a byte that is not UTF-8, and what Windows-1252 means by it.
_ALONE = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(128, 256)}
_CONTROL = bytes(sign for sign in range(32) if sign not in b"\t\n\r") + b"\x7f"
_WORD = re.compile(r"[^ \t]+")
_NO_VALUE = re.compile(r"_|data_|save_|loop_|stop_|global_", re.IGNORECASE)
"""How words of mmCIF begin that are no values."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TITLES = ("TITLE", "HEADER", "COMPND", "SOURCE", "KEYWDS", "EXPDTA", "AUTHOR", "JRNL")
_CHAIN_COLUMN = 21
_STAND_INS = "!<>=^&%@|~`"
"""ASCII that names no chain and begins nothing in mmCIF, for letters that are not ASCII."""

_WRITTEN_OTHERWISE = {
    **dict.fromkeys("′’‘ʹ´", "'"),
    **dict.fromkeys("″“”", '"'),
    **dict.fromkeys("−‐‑‒–—―\xad", "-"),
}


def unpack(data: bytes, name: str, most: int) -> bytes:
    """Undo gzip where the content is gzip, whatever the name says, up to a number of bytes.

    Parameters
    ----------
    data
        The file's bytes.
    name
        Its name, for messages.
    most
        Bytes of the unpacked file, at most. No more than these are ever in memory.

    Raises
    ------
    AtlasError
        When the data are damaged gzip, unpack to more than that, are empty, or are
        compressed or archived in another way.
    """
    does = "has"
    for _ in range(_MOST_LAYERS):
        if not is_gzip(data):
            break
        try:
            data = _unpack_once(data, most + 1)
        except EOFError as error:
            raise AtlasError(f"{name} is truncated; fetch it anew.") from error
        except (OSError, zlib.error) as error:
            raise AtlasError(f"{name} is damaged gzip; fetch it anew, or unpack it.") from error
        does = "unpacks to"
        if len(data) > most:
            break
    if len(data) > most:
        raise AtlasError(f"{name} {does} more than {most // 1024**2} MB, which is not read.")
    if not data.strip(b" \t\r\n\0"):
        raise AtlasError(f"{name} is empty; fetch it anew.")
    for packed in _OTHERS:
        if data.startswith(packed.sign, packed.place):
            raise AtlasError(f"{name} is {packed.what}; give the text file itself.")
    return data


def _unpack_once(data: bytes, most: int) -> bytes:
    # Asked for all at once, gzip makes room for as much as there may be.
    unpacked = io.BytesIO()
    with gzip.open(io.BytesIO(data)) as file:
        while part := file.read(min(2**20, most - unpacked.tell())):
            unpacked.write(part)
    return unpacked.getvalue()


def decode(data: bytes) -> str:
    r"""Give bytes as text, whatever their encoding; it never fails.

    A byte-order mark, or a zero in every other byte, tells the encoding; without either it
    is UTF-8, and a byte that is not UTF-8 is read as Windows-1252, alone, so that it stays
    one sign. Line ends become ``\n``, other control signs blanks.

    Examples
    --------
    >>> decode(b"\xef\xbb\xbfTITLE \xc5\r\nEND\x00")
    'TITLE Å\nEND '
    """
    mark, encoding = next(
        ((mark, name) for mark, name in _MARKS if data.startswith(mark)),
        (b"", _encoding_without_mark(data)),
    )
    data = data.removeprefix(mark)
    if encoding == "utf-8":
        text = data.decode(encoding, errors="surrogateescape")
        text = text if text.isascii() else text.translate(_ALONE)
    else:
        text = data.decode(encoding, errors="replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _CONTROLS.search(text):
        return text
    # Before a line they come from joining files; within one they may stand in a column.
    return _CONTROLS.sub(" ", re.sub(f"^{_CONTROLS.pattern}+", "", text, flags=re.MULTILINE))


def clean_text(data: bytes, *, columns: bool) -> bytes:
    r"""Give a structure file's bytes as UTF-8 that every parser can read.

    Parameters
    ----------
    data
        The unpacked file.
    columns
        Whether places in a line count, as in the PDB format. Then every sign becomes one
        ASCII sign: digits, dashes and primes their like, and letters, outside of titles,
        signs that name nothing else, one each, so that no two chains become one. In mmCIF
        bare words alone are changed, which the format wants to be ASCII: names are quoted.

    Examples
    --------
    >>> clean_text("TITLE     5 Å µm".encode("latin-1"), columns=True)
    b'TITLE     5 A um'
    """
    if data.isascii() and len(data.translate(None, _CONTROL)) == len(data):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = decode(data)
    if text.isascii():
        return text.encode()
    # Signs without width, such as a mark in the middle of joined files, take no column.
    odd = {sign for sign in set(text) if not sign.isascii()}
    plain: dict[str, str | None] = {sign: _like(sign) for sign in odd}
    without = {
        ord(sign): None if unicodedata.category(sign) == "Cf" else " "
        for sign in odd
        if unicodedata.category(sign) in ("Cf", "Zs") and sign not in _WRITTEN_OTHERWISE
    }
    text = text.translate(without)
    lines = text.split("\n")
    names = _name_letters(lines, sorted(odd), plain)
    titles = str.maketrans({sign: like or "?" for sign, like in plain.items()})
    field = False
    for number, line in enumerate(lines):
        field ^= line.startswith(";")
        if line.isascii():
            continue
        if columns:
            lines[number] = line.translate(titles if line.startswith(_TITLES) else names)
        elif not (field or "'" in line or '"' in line or line.lstrip().startswith("#")):
            lines[number] = _WORD.sub(partial(_quote_name, names, plain), line)
    return "\n".join(lines).encode(errors="replace")


def is_gzip(data: bytes) -> bool:
    """Tell whether a file is gzip."""
    return data.startswith(_GZIP)


def is_binary(data: bytes) -> bool:
    """Tell whether a file is no text: it has zeros that its encoding does not account for."""
    wide = data.startswith(_WIDE) or _encoding_without_mark(data) != "utf-8"
    return b"\0" in data and not wide


def is_mmcif(data: bytes) -> bool:
    """Tell whether a text has a table of atoms as mmCIF writes it."""
    # Blanks, not \s: that would run on over the ends of empty lines, from each of them anew.
    return re.search(rb"^[ \t]*_atom_site\.", data, re.MULTILINE) is not None


def is_pdb(data: bytes) -> bool:
    """Tell whether a text has records of the PDB format that go before atoms, or atoms."""
    return re.search(rb"^(?:ATOM  |HETATM|MODEL |HEADER )", data, re.MULTILINE) is not None


def _encoding_without_mark(data: bytes) -> str:
    """Find UTF-16 by its zeros: of English text every other byte is one."""
    head = data[:4096]
    half = len(head) // 2
    if half and head.count(0) > 0.8 * half:
        if head[1::2].count(0) > 0.8 * half:
            return "utf-16-le"
        if head[::2].count(0) > 0.8 * half:
            return "utf-16-be"
    return "utf-8"


def _like(sign: str) -> str | None:
    """Find the one ASCII sign that is most like another, None where there is none."""
    if sign in _WRITTEN_OTHERWISE:
        return _WRITTEN_OTHERWISE[sign]
    if sign == "µ":
        return "u"
    first = unicodedata.normalize("NFKD", sign)[:1]
    return first if first.isascii() and first.isprintable() else None


def _quote_name(
    names: dict[int, str | None], plain: dict[str, str | None], word: re.Match[str]
) -> str:
    """Write a bare word of mmCIF as the format wants it: a name that has other letters, quoted."""
    text = word[0]
    odd = [plain[sign] for sign in text if not sign.isascii()]
    if all(like is not None and not like.isalpha() for like in odd) or _NO_VALUE.match(text):
        return text.translate(names)
    return f"'{text}'"


def _name_letters(
    lines: list[str], odd: list[str], plain: dict[str, str | None]
) -> dict[int, str | None]:
    """Choose what signs become where they name atoms, residues and chains."""
    used = {line[_CHAIN_COLUMN] for line in lines if len(line) > _CHAIN_COLUMN}
    free = [sign for sign in _STAND_INS if sign not in used]
    names: dict[int, str | None] = {}
    for sign in odd:
        like = plain[sign]
        if like is None or like.isalpha():
            like = free.pop() if len(free) > 1 else _STAND_INS[0]
        names[ord(sign)] = like
    return names
