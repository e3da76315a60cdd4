"""A model that is downloaded and has read the protein before its page was drawn to the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.pages.live import waiting
from dashboard.results.loaded import RESULTS_VARIABLE
from precompute.live.running.attention import SparseAttention, attend
from precompute.live.running.messages import Request
from precompute.live.running.queue import Job
from precompute.models import find_model
from precompute.models.loading import Checkpoint
from precompute.models.weights import WEIGHTS_VARIABLE, cached_weights
from tests.checkpoints import make_checkpoint
from tests.pages.test_live import control, start


def test_what_has_come_meanwhile_is_not_listed_as_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, "")
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    model = find_model("prot_bert")

    def download(request: Request, job: Job[SparseAttention]) -> SparseAttention:
        assert request.folder == ""
        assert isinstance(request.given, str)
        make_checkpoint(tmp_path / "prot_bert", "prot_bert")
        weights = cached_weights(model)
        assert weights is not None
        return attend(Checkpoint(model, weights).load(), request.given)

    monkeypatch.setattr(waiting.service().worker, "run", download)
    monkeypatch.setattr(waiting, "_WAIT", 60)
    app = start(model="prot_bert", protein="example:1MVO", threshold="0.10")
    label = next(one for one in control(app.selectbox, "Model").options if "ProtBert (" in one)
    assert label == "ProtBert (download 1.5 GB)"
    next(one for one in app.button if one.label == "Compute the attention").click().run()
    assert not app.exception
    assert app.select_slider, "no attention"
    assert "ProtBert" in control(app.selectbox, "Model").options
    assert label not in control(app.selectbox, "Model").options
