"""One process of an agency: its front door, its loops, its health, and the features that it offers."""
