"""The rules of a succession. Pure: no I/O, no clock, no protobuf, no database."""
