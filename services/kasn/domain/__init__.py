"""The examiner's rules. Pure: no I/O, no clock, no protobuf, no database."""
