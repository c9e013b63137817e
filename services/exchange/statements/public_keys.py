"""The parties file as the public keys that whoever verifies a log needs. No I/O."""

from audit.formats.checkpoint import origin_of
from audit.verification.findings import AuthorKey, LogKey
from exchange.statements.trust import Parties


def log_keys(parties: Parties, party: str) -> list[LogKey]:
    """The keys that signed a party's log over the years; none if nobody knows the party."""
    known = parties.get(party)
    return [
        LogKey(origin_of(party), key.public.public_bytes_raw(), key.period.since, key.period.until)
        for key in (known.signing if known else ())
    ]


def author_keys(parties: Parties) -> dict[str, AuthorKey]:
    """The signing keys of all parties, by keyid."""
    return {
        key.keyid: AuthorKey(each.id, key.public, key.period.since, key.period.until)
        for each in parties.parties.values()
        for key in each.signing
    }
