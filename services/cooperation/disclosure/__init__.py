"""Data and documents on request: who asks, what the holder's policy gives, how documents are kept and handed over.

It has no host of its own: every host serves it beside its own desk, for all its parties. What may be asked for, and what is
given, is data of the agreement; the matters themselves are left to the desks.
"""
