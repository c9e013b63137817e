"""The parties file as the public keys that whoever verifies a log needs. No I/O."""

from audit.formats import note
from audit.verification.logs import AuthorKey
from exchange.statements.trust import Parties


def log_keys(parties: Parties, party: str) -> list[note.Verifier]:
    """The keys that signed a party's log over the years; none if nobody knows the party."""
    known = parties.get(party)
    signing = known.signing if known else ()
    return [note.Verifier(f"netral/{party}", key.public.public_bytes_raw()) for key in signing]


def author_keys(parties: Parties) -> dict[str, AuthorKey]:
    """The signing keys of all parties, by keyid."""
    return {
        key.keyid: AuthorKey(each.id, key.public, key.period.since, key.period.until)
        for each in parties.parties.values()
        for key in each.signing
    }
