"""Measure on a SLURM cluster: python docs/slurm.py JOBS [options of `precompute run`]."""

import subprocess
import sys

from dask_jobqueue import SLURMCluster

jobs, *options = sys.argv[1:]
with SLURMCluster(
    queue="gpu",
    cores=8,  # of a job; they are torch's threads
    processes=1,  # one worker a job, and one GPU
    memory="64 GB",
    walltime="08:00:00",
    job_extra_directives=["--gres=gpu:1"],
    log_directory="slurm-logs",
) as cluster:
    # As many all the time: a job that ends, at its walltime say, is submitted anew.
    cluster.adapt(minimum_jobs=int(jobs), maximum_jobs=int(jobs))
    run = [sys.executable, "-m", "precompute", "run", *options]
    sys.exit(subprocess.call([*run, "--scheduler", cluster.scheduler_address]))
