"""Witnesses: other parties cosign a log that only grew, and keep evidence if it did not."""
