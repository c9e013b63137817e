"""The rules of lists of pledges. Pure: no I/O, no clock, no protobuf, no database."""
