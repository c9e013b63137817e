"""The rules of the discipline procedure. Pure: no I/O, no clock, no protobuf, no database."""
