"""Inbox: a batch of arrivals takes effect in one commit, exactly once."""
