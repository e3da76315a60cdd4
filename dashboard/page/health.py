"""Ask the server on this machine whether it is well: ``python -m dashboard.page.health``.

For the container's health check; port and path are those that Streamlit's own
environment variables name.
"""

from __future__ import annotations

import os
import sys
import urllib.request


def address() -> str:
    """Give the address of Streamlit's health page."""
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    return f"http://127.0.0.1:{port}/{base + '/' if base else ''}_stcore/health"


def main() -> int:
    """Return 0 if the server answers within three seconds, else 1."""
    try:
        with urllib.request.urlopen(address(), timeout=3) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as problem:
        print(f"{address()}: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
