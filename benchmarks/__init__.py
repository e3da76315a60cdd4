"""Scripts that measure: speed and memory, as ratios taken within one run."""
