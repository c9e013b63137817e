"""The reading calls of published tables."""
