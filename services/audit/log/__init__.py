"""The leaves of a log: decoding, indexing and reading them."""
