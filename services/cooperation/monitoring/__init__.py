"""Monitoring of follow-up: figures that can be recomputed, out of what one party's trail says.

`wire` reads leaves, `figures.fold_facts` folds them into the status of each case; the rest of `figures` is arithmetic on
these: pure, and the same for a projection and for an exported log. `projection` keeps the rows and asks them. Agencies do
not know this package: it knows the facts that they announce.
"""
