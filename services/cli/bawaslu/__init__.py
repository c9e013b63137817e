"""Commands of an officer of the supervisor (Bawaslu)."""
