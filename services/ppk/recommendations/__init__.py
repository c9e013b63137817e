"""Recommendations at a personnel authority, from receipt to the reported follow-up."""
