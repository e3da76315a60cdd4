"""The one exception that is meant to be read by the person at the keyboard."""

from __future__ import annotations

import errno


class AtlasError(Exception):
    """Input that cannot be used; its message is one sentence: what is wrong and what to do.

    The command line prints the message without a traceback and exits with
    status 1; a page shows it in place of its figures.
    """


def is_full(error: BaseException) -> bool:
    """Tell whether a disk, or a user's part of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
