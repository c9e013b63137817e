"""The projection of a log from which figures are counted."""
