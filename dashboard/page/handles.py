"""Room for many visitors: how many files and connections the server may have open at once."""

from __future__ import annotations

MOST = 65_536
"""More than one process can serve; a limit without end would make some programs walk through it."""


def allow_handles() -> None:
    """Raise the process's own limit of open handles as far as the system lets it.

    Each visitor has four, a connection and the three of an event loop that Streamlit makes for a
    session, and these stay for two minutes after the visit: the usual 1,024 end near 140 visitors
    who come and go.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    allowed = MOST if hard == endless else min(hard, MOST)
    if soft != endless and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
