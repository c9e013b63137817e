"""Commands of an officer of the examiner (KASN, BKN)."""
