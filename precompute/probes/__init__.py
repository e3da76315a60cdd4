"""Probes: linear classifiers that read a property from each layer of a model.

`tasks` says what is read, `features` keeps what a pass of the model gives, `corrected` and
`as_paper` fit and score by either protocol, `run` puts them together.
"""
