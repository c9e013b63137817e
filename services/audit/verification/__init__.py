"""Verification of exported logs from files and public keys alone."""
