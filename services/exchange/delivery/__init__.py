"""Delivery of statements: commands, one commit, relay, inbox. Exactly once in effect."""
