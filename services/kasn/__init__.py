"""The examiner's desk (KASN until 4 September 2024, then BKN; whoever holds the role): examines and recommends.

It takes referrals from the supervisor, decides, addresses recommendations to personnel authorities and verifies what they
did. Imposing a sanction is left to the authority.
"""
