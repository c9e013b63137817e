"""Receipts for statements that were sent here: they settle outbox rows and become leaves."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update

from audit.formats.leaf import Kind, leaf_body
from audit.log.events import RECEIPT_TYPES
from audit.tables import Leaf
from exchange.delivery.inbox.unverifiable import park_unverifiable
from exchange.delivery.inbox.work import GAP_PATIENCE, Work, slices
from exchange.delivery.verification import ReceiptArrival, UnverifiableBytes
from exchange.statements import receipts
from exchange.statements.protobuf_time import instant
from exchange.tables import Delivery, Outbox
from netral.exchange.v1 import receipt_pb2
from storage.key_in import key_in
from storage.types import Values, table


async def apply_receipts(work: Work, arrived: Sequence[ReceiptArrival]) -> None:
    """Receipts settle outbox rows and become leaves; a repeat of a kept receipt does nothing."""
    for some in slices(arrived):
        await _apply_some(work, some)


async def _apply_some(work: Work, arrived: Sequence[ReceiptArrival]) -> None:
    outbox = table(Outbox)
    ids = sorted({item.receipt.statement_id for item in arrived})
    query = select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id).with_for_update()
    sent = {row.id: row._asdict() for row in await work.connection.execute(query)}
    work.kept |= await _kept_receipts(
        work, {(item.receipt.sender, item.receipt.statement_id) for item in arrived}
    )
    changed: set[str] = set()
    for item in arrived:
        receipt = item.receipt
        row = sent.get(receipt.statement_id)
        if row is None or not _is_of(receipt, row):
            stray = UnverifiableBytes(
                receipt.sender,
                "",
                "UNKNOWN_STATEMENT",
                "a receipt for nothing we sent",
                item.envelope.data,
            )
            await park_unverifiable(work, [stray])
            continue
        work.desk.peer_clocks.signed(receipt.recipient, item.time, work.now, after=row["created"])
        body = leaf_body(Kind.RECEIPT, item.envelope.data)
        if body not in work.kept:
            work.kept.add(body)
            _keep_receipt(work, item, row)
        if row["digest"] == receipt.envelope_digest:
            if row["custody"] is None:
                work.result.receipt_delays.append((work.now - row["created"]).total_seconds())
            _apply_receipt(row, item)
            changed.add(row["id"])
    await _write_settled(work, [sent[id] for id in sorted(changed)])


def _is_of(receipt: receipt_pb2.Receipt, row: Values) -> bool:
    """True if a receipt is from the recipient of a statement, and says its number if it is for these bytes.

    One for other bytes is kept as evidence, whatever it says.
    """
    if (row["party"], row["recipient"]) != (receipt.sender, receipt.recipient):
        return False
    return bool(row["digest"] != receipt.envelope_digest or row["sequence"] == receipt.sequence)


async def _kept_receipts(work: Work, names: set[tuple[str, str]]) -> set[bytes]:
    leaves = table(Leaf)
    query = select(leaves.c.body).where(
        key_in((leaves.c.party, leaves.c.ref), names), leaves.c.kind == int(Kind.RECEIPT)
    )
    return {row.body for row in await work.connection.execute(query)}


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


async def _write_settled(work: Work, rows: Sequence[Values]) -> None:
    if not rows:
        return
    outbox, delivery = table(Outbox), table(Delivery)
    marks = ("custody", "decided", "outcome", "reason")
    settle = (
        outbox.update()
        .where(outbox.c.id == bindparam("key"))
        .values({m: bindparam(f"new_{m}") for m in marks})
    )
    values = [{"key": row["id"]} | {f"new_{mark}": row[mark] for mark in marks} for row in rows]
    await work.connection.execute(settle, values)
    decided = [row["id"] for row in rows if row["outcome"]]
    held = [row["id"] for row in rows if not row["outcome"]]
    if decided:
        # Locked in id order, as the relay does: two bulk statements could lock each other out.
        locked = (
            select(delivery.c.id).where(delivery.c.id.in_(decided)).order_by(delivery.c.id).with_for_update()
        )
        await work.connection.execute(locked)
        await work.connection.execute(delivery.delete().where(delivery.c.id.in_(decided)))
    if held:
        wait = {"awaits": "outcome", "attempts": 0, "due": work.now + GAP_PATIENCE}
        await work.connection.execute(update(delivery).where(delivery.c.id.in_(held)).values(wait))
    work.result.settled += len(decided)


def _apply_receipt(row: Values, item: ReceiptArrival) -> None:
    receipt = item.receipt
    row["custody"] = row["custody"] or instant(receipt.custody_time)
    if receipt.stage == receipts.OUTCOME and not row["outcome"]:
        row["decided"] = item.time
        row["outcome"] = receipts.outcome_word(receipt)
        row["reason"] = receipt.reason
