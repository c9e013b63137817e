"""Succession of the examiner: custody of matters passes to the next institution."""
