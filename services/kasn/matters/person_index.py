"""Index of persons for finding earlier recommendations: a keyed digest and nothing else.

Erasure needs no more than the matter's key and this row. Every search is a record in the trail.
"""

from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from kasn.matters import wire
from kasn.matters.tables import person_key


def index(tx: Transaction, received: IncomingStatement) -> None:
    """Enter the person of what was received into the index, so that earlier recommendations can be found."""
    identity = wire.identity(received.part)
    if identity:
        digest = tx.desk.vault.person_digest(tx.party.encode() + b"\n" + identity)
        tx.save(person_key(tx.party, received.matter), digest.hex())
