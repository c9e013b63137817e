"""Copies of hosts as of one moment, and hosts out of such copies that fork no log."""
