"""An installation in one folder: keys, processes, and the client that calls its desks."""
