"""The desk of those who oversee a follow-up: they receive copies (tembusan), BKN blocks data, Kemendagri warns.

It has no host of its own: a party that oversees is served beside the host's own desk. It leaves the follow-up to the
personnel authority and its verification to the examiner.
"""
