"""Logs of two parties that live in memory, and the evidence packs made of them: for tests of packs, without a desk."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.any_pb2 import Any as AnyMessage

from audit.completeness import sparse_map
from audit.formats import checkpoint, dsse, policy, tlog
from audit.formats import note as notes
from audit.formats.leaf import Kind, leaf_row
from audit.formats.tlog import TileId
from audit.log import events
from audit.log.events import RECEIPT_TYPES
from audit.packs import layout
from audit.packs.layout import Files
from audit.packs.verify_part import Trusted
from audit.packs.view import Chained, Scope, Signer, View, ViewLeaf
from exchange.statements import envelope, public_keys, receipts, trust
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from verifier.findings import Finding
from verifier.trust import load_trust

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
SINCE = NOON - timedelta(days=400)
PARTIES = ("bawaslu", "bkn")
CASE = str(UUID(int=0x0190_0000_0000_7000_8000_0000_0000_00CA))
MATTER, OTHER = (str(UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + n)) for n in (1, 2))


def a_key(party: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(party.encode()).digest())


PRIVATE = {
    party: PrivateKeys(a_key(party), envelope.keyid_of(a_key(party).public_key()), {}) for party in PARTIES
}
SIGNERS = {party: notes.Signer(f"netral/{party}", a_key(party)) for party in PARTIES}


def parties_file(until: Mapping[str, str] | None = None) -> bytes:
    """The parties file; `until` ends the keys of a party."""
    entries = []
    for party, keys in PRIVATE.items():
        spki = keys.signing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = {"keyid": keys.keyid, "spki": b64encode(spki).decode(), "since": SINCE.isoformat()}
        key["until"] = (until or {}).get(party)  # type: ignore[assignment]
        entries.append({"id": party, "name": party, "roles": [], "signing": [key], "sealing": []})
    document = {"format": "netral-parties/1", "serial": 1, "issued": SINCE.isoformat(), "parties": entries}
    return json.dumps(document).encode()


def trusted(parties: bytes | None = None, *policies: bytes) -> Trusted:
    """Trust in the parties file and in policies, for both readers."""
    given = parties or parties_file()
    known = trust.read_parties(json.loads(given))
    return Trusted(
        public_keys.author_keys(known),
        {party: public_keys.log_keys(known, party) for party in known.parties},
        [policy.parse(text) for text in policies],
        load_trust(given, *policies),
    )


@dataclass
class Log:
    """A party's log in memory."""

    party: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, kind: Kind, kept: bytes, **columns: Any) -> None:
        self.rows.append(leaf_row(len(self.rows), self.party, kind, kept, **columns))

    def drop(self, ref: str) -> None:
        """Rewrite the log: as if it had never had anything with this id."""
        self.rows = [row for row in self.rows if row["ref"] != ref]

    def chained(self, scope: Scope) -> tuple[list[dict[str, Any]], dict[str, Chained]]:
        """The log's rows up to a chain leaf, and the chains of the scope's matters."""
        pages: sparse_map.Pages = {"": sparse_map.Page()}
        links = [
            sparse_map.link(index, row["hash"], events.audit_event(row["body"]), row["matter"])
            for index, row in enumerate(self.rows)
        ]
        sparse_map.extend(pages, links)
        body = sparse_map.leaf_body(sparse_map.page_hash(pages[""]))
        words = {"ref": "", "matter": "", "type": sparse_map.TYPE, "actor": "", "author": self.party}
        last = leaf_row(len(self.rows), self.party, Kind.CHAINS, body[1:], time=NOON, **words)
        keys = {matter: sparse_map.of_matter(matter) for matter in scope.matters}
        return [*self.rows, last], {
            matter: Chained(sparse_map.chain_of(pages, key), sparse_map.prove(pages, key))
            for matter, key in keys.items()
        }

    def view(self, scope: Scope, as_of: datetime = NOON + timedelta(hours=1)) -> View:
        rows, chained = self.chained(scope)
        hashes = [row["hash"] for row in rows]
        root = tlog.root_of(hashes)
        size = len(hashes)
        head = checkpoint.Checkpoint(f"netral/{self.party}", size, root)
        note = checkpoint.sign(head, SIGNERS[self.party])
        tiles = {TileId(0, 0): b"".join(hashes)}
        leaves = [
            ViewLeaf(index, row["matter"], row["body"])
            for index, row in enumerate(rows)
            if (_in_scope(row, scope) if scope.matters else scope.first <= index < scope.end)
        ]
        return View(self.party, size, root, as_of, note, leaves, tiles, chained)

    def part(self, scope: Scope, **more: Any) -> Files:
        return layout.part(self.view(scope, **more), scope, signed_by(self.party))


def _in_scope(row: dict[str, Any], scope: Scope) -> bool:
    return row["kind"] == Kind.CHAINS or row["matter"] in scope.matters


def signed_by(party: str) -> Signer:
    keys = PRIVATE[party]
    return Signer(keys.keyid, lambda type, payload: keys.signing.sign(dsse.pae(type, payload)))


def record(log: Log, matter: str, action: str = "bkn.examine", at: datetime = NOON) -> None:
    act = record_pb2.Record(
        id=_id(f"record {log.party} {len(log.rows)}"),
        party=log.party,
        time=timestamp(at),
        actor=statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id="officer-7", role="officer"),
        action=action,
        matter=matter,
        case_id=CASE,
        state="EXAMINED",
    )
    kept = act.SerializeToString(deterministic=True)
    columns = {"matter": matter, "type": action, "actor": "officer-7", "author": log.party, "time": at}
    log.keep(Kind.RECORD, kept, ref=act.id, **columns)


def send(
    sender: Log, recipient: Log, matter: str, sequence: int, *, at: datetime = NOON, received: bool = True
) -> str:
    """A recommendation with its leaves on both sides and the recipient's outcome receipt; gives its id."""
    facts = AnyMessage()
    facts.Pack(kasn_events.Recommended(letter_number="R-1/2026", act="2022-DSA7", addressee=recipient.party))
    stated = statement_pb2.Statement(
        id=_id(f"{sender.party} {recipient.party} {sequence}"),
        source=f"netral://{sender.party}",
        type="netral.examiner.recommended.v1",
        subject=matter,
        time=timestamp(at),
        sender=sender.party,
        recipient=recipient.party,
        sequence=sequence,
        role="examiner",
        case_id=CASE,
        legal_basis="skb-2022",
        actor=statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id="officer-7", role="officer"),
        facts=facts,
    )
    keys = PRIVATE[sender.party]
    payload = stated.SerializeToString(deterministic=True)
    data = envelope.sign(payload, envelope.STATEMENT, keys.signing, keys.keyid)
    columns = {"ref": stated.id, "matter": matter, "type": stated.type, "author": sender.party, "time": at}
    sender.keep(Kind.STATEMENT, data, actor="officer-7", **columns)
    if received:
        recipient.keep(Kind.STATEMENT, data, actor="officer-7", **columns)
        _receive(sender, recipient, stated, data, at)
    return stated.id


def _receive(sender: Log, recipient: Log, stated: Any, data: bytes, at: datetime) -> None:
    digest = sha256(data).digest()
    about = receipts.Subject(
        stated.id, digest, stated.sender, stated.recipient, stated.sequence, stated.subject, at
    )
    receipt, kept = receipts.make(about, receipts.TAKEN_UP, "", at, PRIVATE[recipient.party])
    columns = {
        "ref": stated.id,
        "matter": stated.subject,
        "type": RECEIPT_TYPES[receipt.stage],
        "author": recipient.party,
        "time": at,
    }
    recipient.keep(Kind.RECEIPT, kept, actor="inbox", **columns)
    sender.keep(Kind.RECEIPT, kept, actor="", **columns)


def _id(text: str) -> str:
    return str(UUID(bytes=sha256(text.encode()).digest()[:16], version=4))


def two_logs() -> tuple[Log, Log]:
    """Bawaslu and BKN with two matters between them."""
    bawaslu, bkn = Log("bawaslu"), Log("bkn")
    for sequence, matter in ((1, MATTER), (2, OTHER)):
        record(bawaslu, matter, "bawaslu.refer")
        send(bawaslu, bkn, matter, sequence)
        record(bkn, matter)
        send(bkn, bawaslu, matter, sequence)
    return bawaslu, bkn


def a_pack(*logs: Log, scope: Scope | None = None, maker: str = "") -> bytes:
    """A pack of these logs, made by the first; of the first matter if no scope is given."""
    about = scope or Scope((MATTER,), CASE)
    return packed({log.party: log.part(about) for log in logs}, about, maker or logs[0].party)


def packed(parts: Mapping[str, Files], scope: Scope, maker: str = "bawaslu") -> bytes:
    """A pack of these parts."""
    return layout.pack(maker, scope, parts, trusted().keys, signed_by(maker))


def kinds(findings: Sequence[Finding]) -> set[str]:
    return {finding.kind for finding in findings}
