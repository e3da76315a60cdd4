"""Fitted exponents."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fit import fit_power_law


def test_an_exact_law_is_found() -> None:
    x = [64, 128, 255, 510]
    law = fit_power_law(x, [[3 * one**1.5, 5 * one**1.5] for one in x])
    assert law.exponents == pytest.approx((1.5, 1.5))
    assert law.exponent == pytest.approx(1.5)


def test_intervals_hold_the_exponent_of_noisy_repeats() -> None:
    x = [10, 20, 40, 80, 160]
    held = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        law = fit_power_law(x, [list(one**2 * random.lognormal(0, 0.1, 7)) for one in x])
        assert law.low < law.exponent < law.high
        assert law.high - law.low < 0.2
        assert min(law.exponents) <= law.exponent <= max(law.exponents)
        held += law.low < 2 < law.high
    assert held >= 32  # 95 % were there many repeats; a bootstrap of seven is narrower


def test_one_repeat_has_an_interval_of_no_width() -> None:
    law = fit_power_law([1, 10], [[1.0], [10.0]])
    assert law.low == law.high == pytest.approx(1.0)
