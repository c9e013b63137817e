"""Prevention (pencegahan): campaigns and circulars to authorities, what these do about them, and lists of pledges (ikrar).

It has no host of its own: a host lists it among its features, beside its desk. A supervisor or examiner addresses
campaigns and counts what came of them; a personnel authority opens them, reports its acts, and keeps its lists of pledges.
"""
