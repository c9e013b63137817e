"""The figures of monitoring. Pure: no I/O, no clock, no protobuf, no database."""
