"""Receipts for statements that were sent here: they settle outbox rows and become leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from audit.formats.leaf import Kind, leaf_body
from audit.log.events import RECEIPT_TYPES
from audit.tables import Leaf
from exchange.delivery.inbox.work import GAP_PATIENCE, Work
from exchange.delivery.verification import ReceiptArrival, UnverifiableBytes
from exchange.statements import receipts
from exchange.statements.protobuf_time import instant
from exchange.tables import Delivery, Outbox
from netral.exchange.v1 import receipt_pb2
from storage.key_in import key_in, listed
from storage.together import Reading
from storage.types import FoundRow, Values, table

_OUTBOX, _DELIVERY, _LEAVES = table(Outbox), table(Delivery), table(Leaf)
_SENT = select(_OUTBOX).where(key_in((_OUTBOX.c.id,))).order_by(_OUTBOX.c.id).with_for_update()
# Locked in id order, as the relay does: two bulk statements could lock each other out.
_UNDER_WAY = (
    select(_DELIVERY.c.id).where(key_in((_DELIVERY.c.id,))).order_by(_DELIVERY.c.id).with_for_update()
)
_KEPT = select(_LEAVES.c.body).where(
    key_in((_LEAVES.c.party, _LEAVES.c.ref)), _LEAVES.c.kind == int(Kind.RECEIPT)
)

_MARKS = ("custody", "decided", "outcome", "reason")
_SETTLE = (
    _OUTBOX.update()
    .where(_OUTBOX.c.id == bindparam("key"))
    .values({mark: bindparam(f"new_{mark}") for mark in _MARKS})
)
_DECIDED = _DELIVERY.delete().where(_DELIVERY.c.id == bindparam("key"))
_HELD = (
    _DELIVERY.update()
    .where(_DELIVERY.c.id == bindparam("key"))
    .values(awaits="outcome", attempts=0, due=bindparam("new_due"))
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Outbox rows that receipts name, by id and locked for change, and the bodies of the receipts that the log has."""

    rows: dict[str, Values]
    kept: set[bytes]


def sent_before(arrived: Sequence[ReceiptArrival]) -> Reading[Sent]:
    """Read what these receipts are for."""
    if not arrived:
        return Reading((), lambda found: Sent({}, set()))
    ids = {"keys": listed([id] for id in sorted({item.receipt.statement_id for item in arrived}))}
    names = {(item.receipt.sender, item.receipt.statement_id) for item in arrived}

    def sent(found: Sequence[Sequence[FoundRow]]) -> Sent:
        outbox, _, leaves = found
        return Sent({row.id: row._asdict() for row in outbox}, {row.body for row in leaves})

    return Reading([(_SENT, ids), (_UNDER_WAY, ids), (_KEPT, {"keys": listed(sorted(names))})], sent)


def apply_receipts(work: Work, arrived: Sequence[ReceiptArrival], sent: Sent) -> list[UnverifiableBytes]:
    """Settle outbox rows and keep receipts as leaves; a repeat of a kept receipt does nothing.

    Gives the receipts that are for nothing that was sent here.
    """
    strays: list[UnverifiableBytes] = []
    changed: set[str] = set()
    for item in arrived:
        receipt = item.receipt
        row = sent.rows.get(receipt.statement_id)
        if row is None or not _is_of(receipt, row):
            detail = "a receipt for nothing we sent"
            strays.append(
                UnverifiableBytes(receipt.sender, "", "UNKNOWN_STATEMENT", detail, item.envelope.data)
            )
            continue
        work.desk.peer_clocks.signed(receipt.recipient, item.time, work.now, after=row["created"])
        body = leaf_body(Kind.RECEIPT, item.envelope.data)
        if body not in sent.kept:
            sent.kept.add(body)
            _keep_receipt(work, item, row)
        if row["digest"] == receipt.envelope_digest:
            if row["custody"] is None:
                work.result.receipt_delays.append((work.now - row["created"]).total_seconds())
            _apply_receipt(row, item)
            changed.add(row["id"])
    _write_settled(work, [sent.rows[id] for id in sorted(changed)])
    return strays


def _is_of(receipt: receipt_pb2.Receipt, row: Values) -> bool:
    """True if a receipt is from the recipient of a statement, and says its number if it is for these bytes.

    One for other bytes is kept as evidence, whatever it says.
    """
    if (row["party"], row["recipient"]) != (receipt.sender, receipt.recipient):
        return False
    return bool(row["digest"] != receipt.envelope_digest or row["sequence"] == receipt.sequence)


def _keep_receipt(work: Work, item: ReceiptArrival, row: Values) -> None:
    receipt = item.receipt
    work.batch.add_leaf(
        receipt.sender,
        Kind.RECEIPT,
        item.envelope.data,
        receipt,
        ref=receipt.statement_id,
        matter=row["matter"],
        type=RECEIPT_TYPES[receipt.stage],
        actor="",
        author=receipt.recipient,
        time=item.time,
    )


def _apply_receipt(row: Values, item: ReceiptArrival) -> None:
    receipt = item.receipt
    row["custody"] = row["custody"] or instant(receipt.custody_time)
    if receipt.stage == receipts.OUTCOME and not row["outcome"]:
        row["decided"] = item.time
        row["outcome"] = receipts.outcome_word(receipt)
        row["reason"] = receipt.reason


def _write_settled(work: Work, rows: Sequence[Values]) -> None:
    due = work.now + GAP_PATIENCE
    decided = [{"key": row["id"]} for row in rows if row["outcome"]]
    held = [{"key": row["id"], "new_due": due} for row in rows if not row["outcome"]]
    settled = [{"key": row["id"]} | {f"new_{mark}": row[mark] for mark in _MARKS} for row in rows]
    work.batch.writes += [(_SETTLE, settled), (_DECIDED, decided), (_HELD, held)]
    work.result.settled += len(decided)
