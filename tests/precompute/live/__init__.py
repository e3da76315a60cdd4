"""What Live asks of precompute: proteins got, read, run and written."""
