"""Files of JavaScript or CSS as the one text that a component of Streamlit's takes."""

from __future__ import annotations

from pathlib import Path

PRESSED = Path(__file__).with_name("pressed.js")
"""What keeps a pressed part in its place until it is let go."""


def join_files(*files: Path) -> str:
    """Put files into one text; in one script each knows the others' names."""
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
