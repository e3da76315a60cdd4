"""What the Live page offers of arcs, which its addresses may name; without Streamlit."""

from __future__ import annotations

THRESHOLDS: tuple[str, ...] = ("0.02", "0.05", *(f"{step / 100:.2f}" for step in range(10, 95, 5)))
SEPARATIONS: dict[str, str] = {"0": "any", "2": "≥ 2", "6": "≥ 6", "12": "≥ 12", "24": "≥ 24"}
MOST: tuple[str, ...] = ("50", "100", "200", "500", "1000")


def is_offered(threshold: float, separation: int = 0, most: int = int(MOST[0])) -> bool:
    """Tell whether the page shows arcs chosen so: an address that names others shows other arcs."""
    steps = [float(step) for step in THRESHOLDS]
    return threshold in steps and str(separation) in SEPARATIONS and str(most) in MOST
