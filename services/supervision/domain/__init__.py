"""The rules of supervision: no I/O, no clock."""
