"""Who watches over whose log: the roles whose institutions cosign it (saksi jejak audit).

The supervisor and the examiner watch every log, their own excepted. Personnel authorities are as many as there are local
governments and ministries: together they watch the examiner's log, whose recommendations bind them.
"""

from collections.abc import Collection

from agreement.parties.institutions import EXAMINER, FORMER_EXAMINER, PERSONNEL_AUTHORITY, SUPERVISOR

_EVERY_LOG = frozenset({SUPERVISOR, EXAMINER})
_EXAMINERS = frozenset({EXAMINER, FORMER_EXAMINER})


def watch(roles: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The roles that cosign the log of an institution with these roles: each of the first, and some of the second."""
    crowd = frozenset({PERSONNEL_AUTHORITY}) if _EXAMINERS.intersection(roles) else frozenset[str]()
    return _EVERY_LOG, crowd
