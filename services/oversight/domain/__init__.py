"""The overseers' rules. Pure: no I/O, no clock, no protobuf, no database."""
