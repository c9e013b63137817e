"""Statements between parties: signed bytes, receipts, keys, and their protobuf forms. No I/O."""
