"""Reconciliation: the logs of two parties, compared number by number."""
