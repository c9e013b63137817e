"""The work that the agreement gives to all institutions, whichever desk they have."""
