"""Dask's scheduler and workers as threads of the tests' own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from distributed import LocalCluster


@contextmanager
def workers_here(count: int = 2) -> Iterator[str]:
    """Start a scheduler with its workers and give its address.

    What they are sent goes through TCP and is packed as between processes. A process of its own
    imports torch for seconds: `test_dask_cluster` has those.
    """
    threads = torch.get_num_threads()
    with LocalCluster(
        n_workers=count,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp",
        dashboard_address=None,
    ) as cluster:
        yield cluster.scheduler_address
    torch.set_num_threads(threads)
