"""Silence of the examiner (diam), claimed by the supervisor."""
