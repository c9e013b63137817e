"""Commands for the work that all institutions share."""
