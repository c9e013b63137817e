"""Circulars and campaigns: issued to many authorities, opened, and answered by acts."""
