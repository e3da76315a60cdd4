"""The one exception that is meant to be read by the person at the keyboard."""

from __future__ import annotations

import errno


class AtlasError(Exception):
    """Input that cannot be used; its message is one sentence: what is wrong and what to do.

    The command line prints the message without a traceback and exits with
    status 1; a page shows it in place of its figures. Of a file's name that is no text in UTF-8
    it has the bytes, since neither a page nor a table can hold them as they are.
    """

    def __init__(self, sentence: str = "") -> None:
        super().__init__(printable(sentence))


def printable(text: str) -> str:
    r"""Write what stands for bytes that are no UTF-8, as in a file's name, as ``\udce9``."""
    return text.encode("utf-8", "backslashreplace").decode()


def system_said(error: OSError) -> str:
    """Say in one sentence what the system refused, and of which file."""
    where = f"{error.filename}: " if error.filename else ""
    advice = "; make room, and give the same command again" if is_full(error) else ""
    return printable(f"{where}{error.strerror or error}{advice}.")


def is_full(error: BaseException) -> bool:
    """Tell whether a disk, or a user's part of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
