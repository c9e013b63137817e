"""Calls: the check of a request, and the status of a refusal."""
