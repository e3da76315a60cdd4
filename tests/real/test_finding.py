"""What happens where the trained weights are missing: a sentence, and in CI a failure."""

from __future__ import annotations

import pytest

from tests.real.conftest import REQUIRED, trained


@pytest.mark.parametrize(
    ("package", "version", "file", "reason"),
    [
        ("no-such-weights", "1", "weights.bin", "is not installed"),
        ("pytest", "0.1", "weights.bin", r"version [\d.]+ is installed"),
    ],
)
def test_missing_weights_are_said_and_required_in_ci(
    package: str, version: str, file: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match=reason):
        trained(package, version, file)
    monkeypatch.setenv(REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match=f"{reason}.*{REQUIRED}=1 requires them"):
        trained(package, version, file)
