"""One matter's story from the leaves of several logs: who did what, what they sent, who keeps which receipt. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from audit.formats.leaf import Kind
from audit.log.events import DecodedLeaf, decode_leaf
from audit.packs.timeline.act_words import act_words, warning_words
from exchange.statements import receipts
from netral.audit.v1.service_pb2 import Leaf
from netral.erasure.v1 import events_pb2
from netral.exchange.v1 import receipt_pb2, record_pb2

ERASED = "erasure.carry_out"
"""The action of the record of an erasure that was carried out."""


@dataclass
class StatementLine:
    """A statement, and what became of it as far as these logs show. Instants are UTC, `words` as of an act."""

    id: str
    type: str
    sender: str
    recipient: str
    sequence: int
    legal_basis: str
    copy: bool
    keyid: str
    time: datetime
    kept_by: list[str] = field(default_factory=list)
    custody: datetime | None = None
    outcome: str = ""
    reason: str = ""
    receipt_keyid: str = ""
    receipt_kept_by: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)


@dataclass
class Act:
    """Something that an officer did at a desk; `words` say what, by language (`id`, `en`), and so does `note` if there is more."""

    time: datetime
    party: str
    actor: str
    action: str
    state: str
    record: str
    note: dict[str, str] = field(default_factory=dict)
    sent: list[StatementLine] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)


def tell(logs: Mapping[str, Iterable[Leaf]]) -> list[Act]:
    """The acts on a matter in the order in which they happened, from leaves by party."""
    return _read(logs)[0]


def statements(logs: Mapping[str, Iterable[Leaf]]) -> list[StatementLine]:
    """Every statement in these logs, sent or received, with what became of it."""
    return _read(logs)[1]


def _read(logs: Mapping[str, Iterable[Leaf]]) -> tuple[list[Act], list[StatementLine]]:
    acts: dict[str, Act] = {}
    statements: dict[str, StatementLine] = {}
    sent_by: dict[str, list[str]] = {}
    receipts_for: dict[str, list[tuple[str, receipt_pb2.Receipt, str]]] = defaultdict(list)
    for party, leaves in logs.items():
        for leaf in leaves:
            decoded = decode_leaf(leaf.body)
            if decoded.kind is Kind.RECORD:
                record = decoded.record()
                acts[record.id] = _act(record, leaf.index)
                sent_by[record.id] = list(record.statements)
            elif decoded.kind is Kind.STATEMENT:
                sent = _sent(decoded)
                statements.setdefault(sent.id, sent).kept_by.append(party)
            elif decoded.kind is Kind.RECEIPT:
                receipts_for[leaf.ref].append((party, decoded.receipt(), decoded.envelope().keyid))
    for id, sent in statements.items():
        _add_receipts(sent, receipts_for[id])
    for record_id, ids in sent_by.items():
        acts[record_id].sent = [statements[id] for id in ids if id in statements]
    in_order = sorted(acts.values(), key=lambda act: (act.time, act.record))
    return in_order, list(statements.values())


def recipients(logs: Mapping[str, Iterable[Leaf]]) -> set[str]:
    """Everybody to whom a statement in these logs was sent."""
    return {
        decoded.statement().recipient
        for leaves in logs.values()
        for decoded in (decode_leaf(leaf.body) for leaf in leaves)
        if decoded.kind is Kind.STATEMENT
    }


def _act(record: record_pb2.Record, index: int) -> Act:
    at = record.time.ToDatetime(tzinfo=UTC)
    warned = warning_words(record.warnings) if record.warnings else {}
    note = erased(record, index) or warned
    words = act_words(record.action, record.facts)
    return Act(at, record.party, record.actor.id, record.action, record.state, record.id, note, words=words)


def erased(record: record_pb2.Record, index: int) -> dict[str, str]:
    """Text of a record on a lawful erasure, for people, by language; empty if it is of something else."""
    done = events_pb2.ErasureCarriedOut()
    if not record.facts.Unpack(done):
        return {}
    if done.outcome != events_pb2.OUTCOME_ERASED:
        return {
            "id": f"tidak ada yang perlu dihapus, pada daun {index}: perintah {done.order} dari {done.ordered_by}, {done.basis}",
            "en": f"nothing was held to be erased, at leaf {index}: order {done.order} of {done.ordered_by}, {done.basis}",
        }
    parts, documents = len(done.emptied), done.documents
    return {
        "id": f"dihapus secara sah pada daun {index}: {parts} bagian pribadi, {documents} dokumen; "
        f"perintah {done.order} dari {done.ordered_by}, {done.ground}, {done.basis}",
        "en": f"erased lawfully (dihapus secara sah) at leaf {index}: {parts} personal parts, {documents} documents; "
        f"order {done.order} of {done.ordered_by}, {done.ground}, {done.basis}",
    }


def _sent(leaf: DecodedLeaf) -> StatementLine:
    statement, opened = leaf.statement(), leaf.envelope()
    return StatementLine(
        id=statement.id,
        type=statement.type,
        sender=statement.sender,
        recipient=statement.recipient,
        sequence=statement.sequence,
        legal_basis=statement.legal_basis,
        copy=bool(statement.copy_of),
        keyid=opened.keyid,
        time=statement.time.ToDatetime(tzinfo=UTC),
        words=act_words(statement.type, statement.facts),
    )


def _add_receipts(sent: StatementLine, found: Iterable[tuple[str, receipt_pb2.Receipt, str]]) -> None:
    """Add what the recipient's receipts say; the outcome is the last word."""
    for party, receipt, keyid in found:
        sent.custody = receipt.custody_time.ToDatetime(tzinfo=UTC)
        sent.receipt_keyid = keyid
        if receipt.stage == receipts.OUTCOME:
            sent.outcome, sent.reason = receipts.outcome_word(receipt), receipt.reason
        if party not in sent.receipt_kept_by:
            sent.receipt_kept_by.append(party)


def as_json(acts: Iterable[Act]) -> list[dict[str, Any]]:
    """The story as plain data; instants in ISO form, UTC."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, list):
            return [plain(each) for each in value]
        return (
            {name: plain(each) for name, each in vars(value).items()} if hasattr(value, "__dict__") else value
        )

    return [plain(act) for act in acts]
