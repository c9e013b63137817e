"""The rules of disclosure. Pure: no I/O, no clock, no protobuf, no database."""
