"""What the atlas costs, as ratios taken within one run: ``python -m benchmarks``."""
