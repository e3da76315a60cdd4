"""The dashboard as a server that is watched: its log, its metrics and its health."""
