"""Names on the bus: subjects, the stream, consumers, inboxes. The only place where they are spelled. No I/O."""

from collections.abc import Sequence
from typing import NamedTuple

STREAM = "NETRAL"

STATEMENT = "statement"
RECEIPT = "receipt"
ASK = "ask"
PAIRING = "pairing"
KINDS = (STATEMENT, RECEIPT, ASK, PAIRING)
# Answered at once by who is asked, and no part of the stream: the stream would answer first, and keep what has no reader.
WITNESS = "witness"
IN_STREAM = [f"netral.v1.*.*.{kind}" for kind in KINDS]


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
    return [*(f"netral.v1.{party}.*.{kind}" for kind in (*KINDS, WITNESS)), f"netral.v1.{party}.*.answer.*"]


def to_witness(party: str) -> str:
    """Every request to the witness of a party."""
    return f"netral.v1.*.{party}.{WITNESS}"


def answer(witness: str, host: str, token: str) -> str:
    """Subject on which the witness of a party answers a request of a host.

    Not an inbox: who may answer there could answer anywhere (`allow_responses` lets the asker choose the subject), and with
    the right to others' inboxes could speak for the stream.
    """
    return f"netral.v1.{witness}.{host}.answer.{token}"


def answers(host: str) -> str:
    """Every answer to a host."""
    return answer("*", host, "*")


def is_answer_of(witness: str, subject: str) -> bool:
    """True if a reply subject, which the asker chose, is one where this party's witness answers."""
    words = subject.split(".")
    return len(words) == 6 and words[:3] == ["netral", "v1", witness] and words[4] == "answer"


def consumer(host: str) -> str:
    """The durable consumer of a host."""
    return host


def inbox_prefix(host: str) -> str:
    """A host's private reply subjects."""
    return f"_INBOX_{host}"


def deletions() -> list[str]:
    """Subjects on which the server tells that somebody has deleted the stream or a consumer."""
    told = "$JS.EVENT.ADVISORY"
    return [f"{told}.STREAM.DELETED.{STREAM}", f"{told}.CONSUMER.DELETED.{STREAM}.*"]


def may_publish(host: str, parties: Sequence[str]) -> list[str]:
    """Subjects that a host's NATS user may publish: its parties' own, its own fetches and acks."""
    return [
        *(subject for party in parties for subject in from_party(party)),
        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer(host)}",
        f"$JS.API.CONSUMER.INFO.{STREAM}.{consumer(host)}",
        f"$JS.ACK.{STREAM}.{consumer(host)}.>",
    ]


def may_subscribe(host: str, parties: Sequence[str]) -> list[str]:
    """Subjects that a host's NATS user may subscribe to: replies and answers to it, and requests to its parties' witnesses."""
    return [f"{inbox_prefix(host)}.>", answers(host), *map(to_witness, parties)]
