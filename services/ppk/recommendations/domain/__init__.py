"""The rules of a recommendation at its authority. Pure: no I/O, no clock, no protobuf, no database."""
