"""Supervision (pengawasan): what an authority's own team sees first, and what becomes of it.

No host of its own: a host's list of start-up steps puts it beside its desk. It knows no agency; what Bawaslu makes of first
information is Bawaslu's own.
"""
