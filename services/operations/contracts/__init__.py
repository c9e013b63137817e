"""The contracts as a folder of .proto files, for clients in any language."""
