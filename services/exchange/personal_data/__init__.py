"""Personal data at rest: the vault of data keys and the case files that they open."""
