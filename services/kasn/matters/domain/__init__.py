"""The rules of a matter at the examiner's desk. Pure: no I/O, no clock, no protobuf, no database."""
