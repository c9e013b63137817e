"""A whole installation on one machine: its processes, checks from inside, drills, an invented season."""
