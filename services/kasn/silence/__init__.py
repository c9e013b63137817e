"""Claims of the supervisor that this examiner is silent, and their refutation."""
