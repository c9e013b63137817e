"""Commands of an officer of a personnel authority (PPK)."""
