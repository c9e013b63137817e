"""A look at an installation: what is wrong, and what to do about it, in one sentence each."""
