"""Monitoring of follow-up: figures that can be recomputed, out of what one party's trail says.

`happenings` reads leaves, `progress` folds them into a row per case, `figures`, `cohorts`, `ladder`, `feeds` and
`reconcile` are arithmetic on those rows: pure, and the same for a projection and for an exported log. `projector` keeps
the rows, `projection.reads` asks them, `reads`, `commands` and `received` are the doors. Agencies do not know this package: it knows the
facts that they announce.
"""
