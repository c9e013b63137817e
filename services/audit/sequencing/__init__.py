"""Gives leaves their place in the log and signs its heads. One writer for each database."""
