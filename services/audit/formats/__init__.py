"""The formats of the trail (C2SP, RFC 6962, DSSE). Pure: no I/O, no database, no protobuf."""
