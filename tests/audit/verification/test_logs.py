"""Verification from files: what is sound passes, and whatever byte is changed, the matter is named."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.completeness import sparse_map
from audit.formats import checkpoint, tlog
from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.grpc_api import AuditServicer
from audit.log import events as said
from audit.log.events import RECEIPT_TYPES
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import AuditTable, Leaf, PendingLeaf
from audit.verification import export_file
from audit.verification.cross_check import cross_check
from audit.verification.findings import AuthorKey, Finding, LogKey, Verified
from audit.verification.logs import verify_log
from exchange.statements import envelope, receipts
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.protobuf_time import timestamp
from netral.audit.v1 import service_pb2 as pb
from netral.exchange.v1 import record_pb2, statement_pb2
from storage.engines import Database
from storage.upserts import insert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PARTIES = ("bawaslu", "bkn", "ppk-6202")


def a_key(party: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(party.encode().ljust(32, b"*"))


PRIVATE = {
    party: PrivateKeys(a_key(party), envelope.keyid_of(a_key(party).public_key()), {}) for party in PARTIES
}
KEYS = {
    private.keyid: AuthorKey(party, private.signing.public_key(), NOON - timedelta(days=1))
    for party, private in PRIVATE.items()
}
LOG_SIGNERS = {party: Signer(f"netral/{party}", a_key("log of " + party)) for party in PARTIES}


def matter(number: int) -> str:
    return str(UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number))


def statement_id(number: int) -> str:
    return str(UUID(int=0x0190_0000_0000_7000_9000_0000_0000_0000 + number))


@dataclass
class Party:
    """A party that writes its log in memory."""

    id: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)

    def keep(self, kind: Kind, kept: bytes, **columns: Any) -> None:
        self.rows.append(leaf_row(len(self.rows), self.id, kind, kept, **columns))

    def chain(self, root: bytes | None = None) -> None:
        """End a batch with a chain leaf: the right one, or one with this root."""
        pages: sparse_map.Pages = {"": sparse_map.Page()}
        links = [
            sparse_map.link(index, row["hash"], said.audit_event(row["body"]), row["matter"])
            for index, row in enumerate(self.rows)
        ]
        sparse_map.extend(pages, links)
        body = sparse_map.leaf_body(sparse_map.page_hash(pages[""]) if root is None else root)
        words = {"ref": "", "matter": "", "type": sparse_map.TYPE, "actor": "", "author": self.id}
        self.keep(Kind.CHAINS, body[1:], time=NOON, **words)
        self.sign_head()

    def sign_head(self) -> None:
        self.heads.append(len(self.rows))

    def export(self) -> list[pb.ExportLogResponse]:
        hashes = [row["hash"] for row in self.rows]
        items = []
        for size in self.heads:
            head = checkpoint.Checkpoint(f"netral/{self.id}", size, tlog.root_of(hashes[:size]))
            signed = checkpoint.sign(head, LOG_SIGNERS[self.id])
            items.append(
                pb.ExportLogResponse(
                    checkpoint=pb.Checkpoint(origin=head.origin, size=size, root=head.root, note=signed)
                )
            )
        for index, row in enumerate(self.rows):
            columns = {
                name: row[name] for name in ("body", "matter", "type", "actor", "ref", "author", "hash")
            }
            leaf = pb.Leaf(index=index, time=timestamp(row["time"]), **columns)
            items.append(pb.ExportLogResponse(leaf=leaf))
        return items


def send(
    sender: Party, recipient: Party | None, about: int, sequence: int, to: str = "", **changed: Any
) -> bytes:
    """A statement with its leaves on both sides; the recipient's custody receipt too, if there is a recipient."""
    to = recipient.id if recipient else to
    number = int(sha256(f"{sender.id} {to} {sequence}".encode()).hexdigest()[:8], 16)
    said: dict[str, Any] = {
        "id": statement_id(number),
        "source": f"netral://{sender.id}",
        "type": "netral.supervisor.referral.v1",
        "subject": matter(about),
        "time": timestamp(NOON),
        "sender": sender.id,
        "recipient": to,
        "sequence": sequence,
        "role": "supervisor",
        "actor": statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id="o1", role="officer"),
    } | changed
    payload = statement_pb2.Statement(**said).SerializeToString(deterministic=True)
    private = PRIVATE[sender.id]
    data = envelope.sign(payload, envelope.STATEMENT, private.signing, private.keyid)
    columns = {
        "ref": said["id"],
        "matter": said["subject"],
        "type": said["type"],
        "actor": "o1",
        "author": said["sender"],
        "time": said["time"].ToDatetime(tzinfo=UTC),
    }
    sender.keep(Kind.STATEMENT, data, **columns)
    if recipient is not None:
        recipient.keep(Kind.STATEMENT, data, **columns)
        receive(sender, recipient, data, said, receipts.PARKED)
    return data


def receive(sender: Party, recipient: Party, data: bytes, said: dict[str, Any], state: str) -> None:
    about = receipts.Subject(
        said["id"],
        sha256(data).digest(),
        said["sender"],
        said["recipient"],
        said["sequence"],
        said["subject"],
        NOON,
    )
    made, receipt = receipts.make(about, state, "", NOON, PRIVATE[recipient.id])
    columns = {
        "ref": said["id"],
        "matter": said["subject"],
        "type": RECEIPT_TYPES[made.stage],
        "author": recipient.id,
        "time": NOON,
    }
    recipient.keep(Kind.RECEIPT, receipt, actor="inbox", **columns)
    sender.keep(Kind.RECEIPT, receipt, actor="", **columns)


def record(party: Party, about: int | None, state: str = "EXAMINED") -> None:
    named = "" if about is None else matter(about)
    said = record_pb2.Record(
        id=statement_id(len(party.rows)),
        party=party.id,
        time=timestamp(NOON),
        actor=statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id="o7", role="officer"),
        action="kasn.examine",
        matter=named,
        state=state,
    )
    party.keep(
        Kind.RECORD,
        said.SerializeToString(deterministic=True),
        ref=said.id,
        matter=named,
        type=said.action,
        actor="o7",
        author=party.id,
        time=NOON,
    )


def two_parties() -> tuple[Party, Party]:
    """Three matters between two parties, in several batches."""
    bawaslu, bkn = Party("bawaslu"), Party("bkn")
    for about in (1, 2, 3):
        record(bawaslu, about)
        send(bawaslu, bkn, about, about)
        record(bkn, about)
        send(bkn, bawaslu, about, about, role="examiner", type="netral.examiner.recommendation.v1")
        bawaslu.sign_head()
        if about != 2:
            bkn.sign_head()
    return bawaslu, bkn


def verified(party: Party, items: Iterable[pb.ExportLogResponse] | None = None, **keys: Any) -> Verified:
    given = {
        "keys": KEYS,
        "log_keys": [LogKey(each.name, each.verifier.public_key) for each in LOG_SIGNERS.values()],
    } | keys
    return verify_log(party.id, party.export() if items is None else items, **given)


@pytest.mark.parametrize(
    ("until", "matters"), [(NOON - timedelta(hours=1), 3), (NOON + timedelta(hours=1), 0)]
)
def test_a_key_that_had_ended_before_the_leaves_signs_no_checkpoint_over_them(
    until: datetime, matters: int
) -> None:
    keys = [LogKey(each.name, each.verifier.public_key, until=until) for each in LOG_SIGNERS.values()]

    found = verified(two_parties()[0], log_keys=keys).findings

    assert len({each.matter for each in found if each.kind == "checkpoint"} - {""}) == matters


def kinds(findings: Sequence[Finding]) -> set[str]:
    return {finding.kind for finding in findings}


def test_a_sound_log_has_no_findings() -> None:
    for party in two_parties():
        result = verified(party)
        assert result.findings == []
        assert (result.size, len(result.statements), len(result.receipts)) == (15, 6, 6)


def test_an_empty_log_has_no_findings() -> None:
    assert verified(Party("bkn")).findings == []
    start = Party("bkn", heads=[0])
    assert verified(start).findings == []


def chained_parties() -> tuple[Party, Party]:
    """Two parties whose logs are chained, and one of them begun before there were chains."""
    bawaslu, bkn = Party("bawaslu"), Party("bkn")
    for about in (1, 2, 3):
        record(bawaslu, about)
        send(bawaslu, bkn, about, about)
        record(bkn, about)
        bawaslu.chain()
        if about == 1:
            bkn.sign_head()
        else:
            bkn.chain()
    return bawaslu, bkn


def test_a_sound_chained_log_has_no_findings() -> None:
    for party in chained_parties():
        assert verified(party).findings == []


def test_a_chain_leaf_that_commits_to_other_chains_is_found_and_its_matters_named() -> None:
    party = Party("bkn")
    record(party, 1)
    party.chain()
    record(party, 2)
    record(party, 3)
    party.chain(root=bytes(32))
    record(party, 4)
    party.chain()

    found = verified(party).findings
    assert {(finding.kind, finding.matter) for finding in found} == {
        ("chains", matter(2)),
        ("chains", matter(3)),
    }


def test_a_signed_tree_without_a_chain_leaf_is_found_once_there_are_chains() -> None:
    party = Party("bkn")
    record(party, 1)
    party.chain()
    record(party, 2)
    party.sign_head()

    (finding,) = verified(party).findings
    assert (finding.kind, finding.index) == ("chains", 2)


def test_a_changed_byte_of_a_chain_leaf_is_found() -> None:
    party, _ = chained_parties()
    for place in range(34):
        changed = deepcopy(party)
        (last, *_) = [row for row in changed.rows if row["kind"] == Kind.CHAINS]
        last["body"] = flipped(last["body"], place, 0)
        assert "leaf" in kinds(verified(changed).findings)


def test_two_sound_logs_agree() -> None:
    assert cross_check(verified(party) for party in two_parties()) == []


# Flips


def flipped(value: Any, place: int, bit: int) -> Any:
    """The value with one bit of one byte changed; None if that is no text any more."""
    data = bytearray(value if isinstance(value, bytes) else value.encode())
    data[place] ^= 1 << bit
    if isinstance(value, bytes):
        return bytes(data)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def check_flips(party: Party, which: Callable[[pb.ExportLogResponse], Any], name: str, step: int) -> int:
    """Flip a bit in every `step`-th byte of a field of every item; gives how many flips were tried."""
    items = party.export()
    tried = 0
    for number, item in enumerate(items):
        part = which(item)
        if part is None:
            continue
        original = getattr(part, name)
        for place in range(tried % step, len(original), step):
            changed = flipped(original, place, (place + number) % 7)
            if changed is None:
                continue
            tried += 1
            broken = deepcopy(items)
            setattr(which(broken[number]), name, changed)
            named = {finding.matter for finding in verified(party, broken).findings}
            assert named == expected_matters(party, item), (name, number, place)
    return tried


def expected_matters(party: Party, item: pb.ExportLogResponse) -> set[str]:
    """Of a leaf its matter; of a checkpoint the matters of the leaves it covers and none before it did."""
    if item.HasField("leaf"):
        return {party.rows[item.leaf.index]["matter"]}
    end = item.checkpoint.size
    start = max((size for size in party.heads if size < end), default=0)
    return {row["matter"] for row in party.rows[start:end]}


def leaf_of(item: pb.ExportLogResponse) -> pb.Leaf | None:
    return item.leaf if item.HasField("leaf") else None


def checkpoint_of(item: pb.ExportLogResponse) -> pb.Checkpoint | None:
    return item.checkpoint if item.HasField("checkpoint") else None


# Each flip verifies a log anew. Every byte is for the soak; here they are so far apart that each field of each leaf is hit.
@pytest.mark.parametrize("party", two_parties(), ids=lambda party: party.id)
@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.soak)])
def test_a_flipped_bit_in_a_body_names_its_matter_and_no_other(party: Party, step: int) -> None:
    assert check_flips(party, leaf_of, "body", step) > 3000 // step


@pytest.mark.parametrize("party", two_parties(), ids=lambda party: party.id)
@pytest.mark.parametrize("name", ["hash", "ref", "matter", "type", "author"])
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.soak)])
def test_a_flipped_bit_beside_a_body_names_its_matter_and_no_other(
    party: Party, name: str, step: int
) -> None:
    assert check_flips(party, leaf_of, name, step) > 60 // step


@pytest.mark.parametrize("party", two_parties(), ids=lambda party: party.id)
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_a_flipped_bit_in_a_checkpoint_names_the_matters_that_it_newly_covers(
    party: Party, step: int
) -> None:
    assert check_flips(party, checkpoint_of, "note", step) > 300 // step
    assert check_flips(party, checkpoint_of, "root", step) >= 60 // step
    assert check_flips(party, checkpoint_of, "origin", step) > 15 // step


def test_a_changed_size_time_or_actor_of_a_leaf_or_checkpoint_is_found() -> None:
    bawaslu, _ = two_parties()
    items = bawaslu.export()
    items[1].checkpoint.size += 1
    assert {finding.matter for finding in verified(bawaslu, items).findings} == {matter(2)}

    for changed in (pb.Leaf(actor="o8"), pb.Leaf(time=timestamp(NOON + timedelta(microseconds=1)))):
        items = bawaslu.export()
        items[3].leaf.MergeFrom(changed)
        (finding,) = verified(bawaslu, items).findings
        assert (finding.index, finding.matter, finding.kind) == (0, matter(1), "index")


# Those who hold the database, and those who hold keys


def test_a_leaf_rewritten_with_its_hash_is_found_by_the_signed_root() -> None:
    bawaslu, _ = two_parties()
    items = bawaslu.export()
    other = Party("bawaslu")
    record(other, 2, state="CLOSED")
    (place,) = [n for n, i in enumerate(items) if i.leaf.index == 5 and i.HasField("leaf")]
    items[place].leaf.body, items[place].leaf.hash = other.rows[0]["body"], other.rows[0]["hash"]
    items[place].leaf.ref = other.rows[0]["ref"]

    (finding,) = verified(bawaslu, items).findings
    assert (finding.kind, finding.matter, finding.index) == ("checkpoint", matter(2), 5)


def test_two_leaves_in_another_order_are_found() -> None:
    bawaslu, _ = two_parties()
    items = bawaslu.export()
    one, two = items[3].leaf, items[4].leaf
    items[3].leaf.index, items[4].leaf.index = two.index, one.index
    items[3], items[4] = items[4], items[3]

    assert {(f.kind, f.matter) for f in verified(bawaslu, items).findings} == {("checkpoint", matter(1))}


def test_a_missing_leaf_is_found() -> None:
    bawaslu, _ = two_parties()
    items = bawaslu.export()
    del items[3 + 7]

    findings = verified(bawaslu, items).findings
    assert {"export", "checkpoint"} <= kinds(findings)
    assert findings[0].matter == matter(2)


def test_a_log_without_its_last_checkpoint_or_its_last_leaf_is_found() -> None:
    bawaslu, _ = two_parties()
    items = bawaslu.export()

    assert {(f.kind, f.matter) for f in verified(bawaslu, items[:-1]).findings} == {("checkpoint", matter(3))}
    without = [item for item in items if item.checkpoint.size != 15]
    assert {(f.kind, f.matter) for f in verified(bawaslu, without).findings} == {("export", matter(3))}


def test_a_tree_signed_twice_for_one_size_is_found() -> None:
    bawaslu, _ = two_parties()
    other = Party("bawaslu", list(bawaslu.rows), [10])
    record(other, 9)
    other.rows[9] = other.rows.pop()
    items = [other.export()[0], *bawaslu.export()]

    assert {(f.kind, f.matter) for f in verified(bawaslu, items).findings} == {("checkpoint", matter(2))}


def test_a_checkpoint_of_another_log_is_found() -> None:
    bawaslu, bkn = two_parties()
    items = bawaslu.export()
    items[0] = bkn.export()[0]

    assert {(f.kind, f.matter) for f in verified(bawaslu, items).findings} == {("checkpoint", matter(1))}


def test_a_statement_signed_by_another_party_or_outside_its_key_validity_is_found() -> None:
    bawaslu = Party("bawaslu")
    send(bawaslu, None, 1, 1, to="bkn", time=timestamp(NOON - timedelta(days=2)))
    bawaslu.sign_head()
    (finding,) = verified(bawaslu).findings
    assert (finding.kind, finding.index, finding.matter) == ("signature", 0, matter(1))
    assert "not valid" in finding.message

    bawaslu, _ = two_parties()
    of_others = {keyid: AuthorKey("kasn", key.public, key.since) for keyid, key in KEYS.items()}
    for keys in (of_others, {}):
        found = verified(bawaslu, keys=keys).findings
        assert (kinds(found), len(found)) == ({"signature"}, 12)


def test_a_key_is_valid_from_its_first_instant_until_before_its_last() -> None:
    bawaslu, _ = two_parties()

    def keys(since: datetime, until: datetime | None) -> Any:
        return {keyid: AuthorKey(key.party, key.public, since, until) for keyid, key in KEYS.items()}

    assert verified(bawaslu, keys=keys(NOON, NOON + timedelta(microseconds=1))).findings == []
    assert kinds(verified(bawaslu, keys=keys(NOON - timedelta(1), NOON)).findings) == {"signature"}


def test_a_statement_in_another_encoding_is_found() -> None:
    bawaslu = Party("bawaslu")
    send(bawaslu, None, 1, 1, to="bkn")
    row = bawaslu.rows[0]
    parsed = statement_pb2.Envelope.FromString(row["body"][1:])
    shuffled = (
        statement_pb2.Envelope(signatures=parsed.signatures).SerializeToString()
        + statement_pb2.Envelope(payload=parsed.payload, payload_type=parsed.payload_type).SerializeToString()
    )
    row["body"] = bytes([Kind.STATEMENT]) + shuffled
    row["hash"] = tlog.leaf_hash(row["body"])
    bawaslu.sign_head()

    (finding,) = verified(bawaslu).findings
    assert (finding.kind, finding.matter) == ("unreadable", matter(1))


def test_a_gap_and_a_repeat_in_the_numbers_to_a_party_are_found() -> None:
    bawaslu = Party("bawaslu")
    for about, sequence in ((1, 1), (2, 3), (3, 3)):
        send(bawaslu, None, about, sequence, to="bkn")
    send(bawaslu, None, 4, 1, to="ppk-6202")
    bawaslu.sign_head()

    found = verified(bawaslu).findings
    assert [(f.kind, f.index, f.matter) for f in found] == [
        ("sequence", 1, matter(2)),
        ("sequence", 2, matter(3)),
    ]


def test_a_receipt_for_a_statement_that_is_not_there_or_has_other_bytes_is_found() -> None:
    bawaslu, bkn = two_parties()
    lonely = Party("bawaslu", [bawaslu.rows[2]], [1])
    (finding,) = verified(lonely).findings
    assert (finding.kind, finding.matter) == ("receipt", matter(1))

    wrong = Party("bawaslu")
    data = send(wrong, None, 1, 1, to="bkn")
    said = {"sender": "bawaslu", "recipient": "bkn", "sequence": 1, "subject": matter(1)}
    receive(wrong, bkn, data + b"x", said | {"id": wrong.rows[0]["ref"]}, receipts.TAKEN_UP)
    wrong.sign_head()
    (finding,) = verified(wrong).findings
    assert (finding.kind, finding.index, finding.matter) == ("receipt", 1, matter(1))


def test_a_statement_between_others_does_not_belong_in_the_log() -> None:
    bawaslu, _ = two_parties()
    stranger = Party("ppk-6202", [bawaslu.rows[1]], [1])

    (finding,) = verified(stranger).findings
    assert (finding.kind, finding.matter) == ("signature", matter(1))


# Two logs


def test_a_statement_whose_sender_left_it_out_is_found_in_the_recipients_log() -> None:
    bawaslu, bkn = two_parties()
    cut = Party("bawaslu", bawaslu.rows[:10], bawaslu.heads[:2])
    assert verified(cut).findings == []

    found = cross_check([verified(cut), verified(bkn)])
    assert {(f.party, f.matter, f.kind) for f in found} == {("bawaslu", matter(3), "other log")}
    assert cross_check([verified(cut), verified(bkn)], settled_before=NOON) == []


def test_a_statement_in_custody_that_its_recipient_left_out_is_found_in_the_senders_log() -> None:
    bawaslu, bkn = two_parties()
    cut = Party("bkn", bkn.rows[:5], bkn.heads[:1])
    assert verified(cut).findings == []

    found = cross_check([verified(bawaslu), verified(cut)])
    assert {(f.party, f.matter) for f in found} == {("bkn", matter(2)), ("bkn", matter(3))}


def test_a_statement_without_receipt_may_be_missing_at_its_recipient() -> None:
    bawaslu, bkn = two_parties()
    send(bawaslu, None, 4, 4, to="bkn")
    bawaslu.sign_head()

    assert cross_check([verified(bawaslu), verified(bkn)]) == []


# Files and services


def test_an_exported_log_is_the_same_read_from_its_file(tmp_path: Path) -> None:
    bawaslu, _ = two_parties()
    path = tmp_path / "bawaslu.log"

    assert export_file.write_export(path, bawaslu.export()) == 18
    assert list(export_file.read_export(path)) == bawaslu.export()
    assert [entry.name for entry in tmp_path.iterdir()] == ["bawaslu.log"]


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.soak)])
def test_any_flipped_bit_in_a_file_is_found_except_in_what_nobody_signed(tmp_path: Path, step: int) -> None:
    bawaslu, _ = two_parties()
    path = tmp_path / "bawaslu.log"
    export_file.write_export(path, bawaslu.export())
    whole = path.read_bytes()
    unsigned = [leaf for leaf in bawaslu.rows if leaf["kind"] == Kind.RECEIPT and leaf["actor"]]
    missed = 0
    for place in range(0, len(whole), step):
        path.write_bytes(flipped(whole, place, place % 8))
        with suppress(export_file.BadExport):
            missed += not verified(bawaslu, export_file.read_export(path)).findings
    # The actor of a receipt is a column only: five letters and two bytes before them.
    assert missed <= len(unsigned) * 7


@pytest.mark.parametrize("cut", [0, 5, 20, 21, 300])
def test_a_file_cut_short_is_found(tmp_path: Path, cut: int) -> None:
    bawaslu, _ = two_parties()
    path = tmp_path / "bawaslu.log"
    export_file.write_export(path, bawaslu.export())
    path.write_bytes(path.read_bytes()[:cut])

    if cut == 20:  # the first line alone: a log without anything
        assert list(export_file.read_export(path)) == []
    else:
        with pytest.raises(export_file.BadExport):
            list(export_file.read_export(path))


async def test_what_the_service_exports_verifies(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    ids = itertools.count()
    parties = two_parties()
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
        rows = [row | {"id": next(ids)} for party in parties for row in party.rows]
        await insert(connection, Leaf, rows)
        await insert(connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in rows])
    sequencer = Sequencer(
        database, LOG_SIGNERS, lambda: NOON, Lease("one", lambda: NOON), tmp_path / "witnessed", batch=4
    )
    while await sequencer.run_once():
        pass
    servicer = AuditServicer(database, PARTIES, lambda *_: None, lambda error: error)

    async def exported(party: str) -> AsyncIterator[pb.ExportLogResponse]:
        request: Any = pb.ExportLogRequest(parent=f"institutions/{party}")
        context: Any = None
        async for item in servicer.ExportLog(request, context):
            yield item

    results = [verified(party, [item async for item in exported(party.id)]) for party in parties]
    await database.close()
    assert [len(result.statements) + len(result.receipts) for result in results] == [12, 12]
    assert [result.findings for result in results] == [[], []]
    assert cross_check(results) == []
