"""Rules of those who oversee a follow-up, without I/O."""
