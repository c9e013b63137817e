"""Matters at the supervisor's desk, from the report to the verified outcome."""
