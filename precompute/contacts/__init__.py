"""Contacts from all heads together: the mean of the best, and regressions, scored by protein.

`pairs` says which pairs count and which touch, `maps` makes a head's corrected map, `scoring`
precision; `learning` chooses heads and fits the regression on proteins that are not scored;
`measuring` is what an engine does with a shard, and `run` one run of the command.
"""
