"""The rules of a matter at the supervisor's desk. Pure: no I/O, no clock, no protobuf, no database."""
