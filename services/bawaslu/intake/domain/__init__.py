"""The rules before there is a matter. Pure: no I/O, no clock, no protobuf, no database."""
