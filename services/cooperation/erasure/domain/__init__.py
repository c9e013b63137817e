"""The rules of erasure. Pure: no I/O, no clock, no protobuf, no database."""
