"""Logs in a database and witnesses beside it, for tests of collecting cosignatures: no network, real keys and tables."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import KnownKey, Signer
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import Leaf, PendingLeaf
from audit.witnessing.collector import Answered
from audit.witnessing.quorum import Cosigner, Part
from audit.witnessing.store import Witnesses
from storage.engines import Database
from storage.upserts import insert
from support.cosigners import ed25519, ml_dsa

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PARTIES = ("ppk-1", "ppk-2", "ppk-3")
WITNESSES = {"supervisor": 61, "examiner": 62}
IDS = itertools.count(1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def signer(party: str) -> Signer:
    return Signer(f"netral/{party}", Ed25519PrivateKey.from_private_bytes(party.encode().ljust(32, b"*")))


def name(witness: str) -> str:
    return f"netral/{witness}/witness"


def cosigner(witness: str, part: Part = Part.PEER) -> Cosigner:
    """The first witness has both kinds of keys."""
    seed = WITNESSES[witness]
    keys = (
        ed25519(name(witness), seed).verifier,
        *([ml_dsa(name(witness), seed).verifier] if seed == 61 else []),
    )
    return Cosigner(name(witness), keys, part, party=witness)


class Others:
    """The witnesses, in a database of their own; each may be made to be away, and remembers who asked."""

    def __init__(self, database: Database, clock: Clock) -> None:
        keys = {
            witness: [ed25519(name(witness), seed), *([ml_dsa(name(witness), seed)] if seed == 61 else [])]
            for witness, seed in WITNESSES.items()
        }
        self.state = Witnesses(database, keys, self._trusted, clock)
        self.away: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def _trusted(self, party: str, origin: str) -> Sequence[KnownKey]:
        log = origin.removeprefix("netral/")
        return [signer(log).verifier] if log in PARTIES else []

    async def ask(self, log: str, to: Cosigner, body: bytes) -> Answered:
        self.asked.append((log, to.party))
        if to.party in self.away:
            raise ConnectionError("nobody answers there")
        answer = await self.state.add_checkpoint(to.party, body)
        return Answered(answer.status, answer.body)


def a_sequencer(database: Database, folder: Path, clock: Clock) -> Sequencer:
    return Sequencer(
        database, {party: signer(party) for party in PARTIES}, clock, Lease("test", clock), folder
    )


async def write_leaves(
    database: Database,
    party: str,
    count: int,
    *,
    kind: Kind = Kind.RECORD,
    author: str = "",
    time: datetime = NOON,
    kept: bytes = b"kept",
) -> None:
    rows = [
        leaf_row(
            next(IDS),
            party,
            kind,
            kept + b" %d" % number,
            ref="r",
            matter="m",
            type="kasn.recommend",
            actor="o1",
            author=author or party,
            time=time,
        )
        for number in range(count)
    ]
    async with database.write() as connection:
        await insert(connection, Leaf, rows)
        await insert(connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in rows])
