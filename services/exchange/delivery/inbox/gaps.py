"""Gaps in the numbers of a pair: noted when statements arrive, and filled when a peer asks."""

from collections.abc import Sequence

from sqlalchemy import select, update

from exchange.delivery.inbox.work import GAP_PATIENCE, Incoming, Work, answer_again
from exchange.delivery.verification import AskArrival
from exchange.tables import Delivery, Inbox, Outbox, PairIn
from storage.key_in import key_in
from storage.types import table
from storage.upserts import insert_new, upsert


async def note_gaps(work: Work, incoming: Sequence[Incoming]) -> None:
    """Move each pair's `complete` mark over what is here without gaps; remember to ask for the rest."""
    if not incoming:
        return
    pairs_in, inbox = table(PairIn), table(Inbox)
    pairs = sorted({(each.name[0], each.arrival.statement.sender) for each in incoming})
    query = select(pairs_in).where(key_in((pairs_in.c.party, pairs_in.c.peer), pairs)).with_for_update()
    known = {(row.party, row.peer): row._asdict() for row in await work.connection.execute(query)}
    if len(known) < len(pairs):
        # Made first, so that there is a row to lock: who holds it sees what others have committed.
        nothing = {"complete": 0, "highest": 0, "asks": 0, "ask_due": None}
        new = [{"party": party, "peer": peer, **nothing} for party, peer in pairs]
        await insert_new(work.connection, PairIn, new)
        known = {(row.party, row.peer): row._asdict() for row in await work.connection.execute(query)}
    rows = []
    for pair in pairs:
        row = known[pair]
        came = {each.number[2] for each in incoming if each.number[:2] == pair}
        had_all = row["complete"] == row["highest"]
        row["highest"] = max(row["highest"], *came)
        # Without the number that follows, the mark stays; what lies beyond a gap is not read for nothing.
        if row["complete"] + 1 in came:
            if had_all and row["highest"] - row["complete"] == len(came):
                row["complete"] = row["highest"]
            else:
                seen = select(inbox.c.sequence).where(
                    inbox.c.party == pair[0],
                    inbox.c.sender == pair[1],
                    inbox.c.sequence > row["complete"],
                )
                numbers = {found.sequence for found in await work.connection.execute(seen)}
                while row["complete"] + 1 in numbers:
                    row["complete"] += 1
        gap = row["complete"] < row["highest"]
        if not gap:
            row["asks"], row["ask_due"] = 0, None
        elif row["ask_due"] is None:
            row["ask_due"] = work.now + GAP_PATIENCE
        rows.append(row)
    await upsert(work.connection, PairIn, rows)


async def answer_requests(work: Work, asks: Sequence[AskArrival]) -> None:
    """Answer what others miss: send statements again, or kept receipts."""
    outbox = table(Outbox)
    for item in asks:
        ask = item.ask
        await answer_again(work, {(ask.recipient, id) for id in ask.undecided[:1000]})
        if not ask.missing:
            continue
        query = select(outbox.c.id, outbox.c.party, outbox.c.recipient).where(
            outbox.c.party == ask.recipient,
            outbox.c.recipient == ask.sender,
            outbox.c.sequence.in_(list(ask.missing[:1000])),
        )
        repeats = [
            {
                "id": row.id,
                "party": row.party,
                "recipient": row.recipient,
                "awaits": "custody",
                "attempts": 1,
                "relayed": None,
                "due": work.now,
            }
            for row in await work.connection.execute(query)
        ]
        if repeats:
            delivery = table(Delivery)
            # What it gave custody for is asked for too: it went back to an old backup. One attempt more is a
            # new message id, or the stream would take it for a repeat.
            due = (
                update(delivery)
                .where(delivery.c.id.in_([row["id"] for row in repeats]))
                .values(awaits="custody", attempts=delivery.c.attempts + 1, due=work.now)
            )
            await work.connection.execute(due)
            await insert_new(work.connection, Delivery, repeats)
            work.batch.sends_again = True
