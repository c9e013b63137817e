"""Matters at the examiner's desk, from the referral to the verified follow-up."""
