"""Supervision (pengawasan): what an authority's own team sees first, and what becomes of it.

It has no host of its own: a host lists it among its features, beside its desk. It knows no agency; what Bawaslu makes of first
information is Bawaslu's own.
"""
