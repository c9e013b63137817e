"""Checks of a host from inside: its logs, its exchange, and the state that its trail gives."""
