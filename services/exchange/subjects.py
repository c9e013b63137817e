"""Names on the bus: subjects, the stream, consumers, inboxes. The only place where they are spelled. No I/O."""

from collections.abc import Sequence
from typing import NamedTuple

STREAM = "NETRAL"
ALL = "netral.v1.>"

STATEMENT = "statement"
RECEIPT = "receipt"
ASK = "ask"
KINDS = (STATEMENT, RECEIPT, ASK)


class Subject(NamedTuple):
    """`netral.v1.<from institution>.<to institution>.<kind>`."""

    sender: str
    recipient: str
    kind: str

    def __str__(self) -> str:
        return f"netral.v1.{self.sender}.{self.recipient}.{self.kind}"


def parse(text: str) -> Subject | None:
    """The subject of a message, or None if it is not one of ours."""
    words = text.split(".")
    if len(words) != 5 or words[:2] != ["netral", "v1"] or words[4] not in KINDS:
        return None
    return Subject(*words[2:])


def to_party(party: str) -> str:
    """Filter for everything that is addressed to a party."""
    return f"netral.v1.*.{party}.*"


def from_party(party: str) -> list[str]:
    """Everything that a party may publish: the kinds by name, so that nobody gets strange bytes as a subject."""
    return [f"netral.v1.{party}.*.{kind}" for kind in KINDS]


def consumer(host: str) -> str:
    """The durable consumer of a host."""
    return host


def inbox_prefix(host: str) -> str:
    """A host's private reply subjects."""
    return f"_INBOX_{host}"


def may_publish(host: str, parties: Sequence[str]) -> list[str]:
    """What a host's NATS user may publish: its parties' own subjects, its own fetches and acks."""
    return [
        *(subject for party in parties for subject in from_party(party)),
        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer(host)}",
        f"$JS.API.CONSUMER.INFO.{STREAM}.{consumer(host)}",
        f"$JS.ACK.{STREAM}.{consumer(host)}.>",
    ]


def may_subscribe(host: str) -> list[str]:
    """What a host's NATS user may subscribe to: its own replies."""
    return [f"{inbox_prefix(host)}.>"]
