"""Evidence packs: one zip file of a matter, which anybody can verify."""
