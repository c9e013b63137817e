"""Information: legal bases, data on request, retention and erasure."""
