"""Proofs that an answer is complete: every leaf of a matter, a case or an actor."""
