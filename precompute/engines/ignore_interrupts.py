"""Dask preload of local workers: Ctrl-C is for the process that runs them.

A terminal sends it to the whole group; the run ends the workers itself, and each of
them need not say that it was interrupted.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
