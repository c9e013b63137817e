"""Gaps in the numbers of a pair: noted when statements arrive, and filled when a peer asks."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select

from exchange.delivery.inbox.work import GAP_PATIENCE, Incoming, Work, answer_again
from exchange.delivery.verification import AskArrival
from exchange.tables import Delivery, Inbox, Outbox, PairIn
from storage import together
from storage.key_in import key_in, listed
from storage.together import Reading
from storage.types import Values, table
from storage.upserts import insert_new, insert_new_of, upsert_of

_PAIRS, _INBOX, _OUTBOX, _DELIVERY = table(PairIn), table(Inbox), table(Outbox), table(Delivery)
_PAIRS_OF = (
    select(_PAIRS)
    .where(key_in((_PAIRS.c.party, _PAIRS.c.peer)))
    .order_by(_PAIRS.c.party, _PAIRS.c.peer)
    .with_for_update()
)
_BEYOND = select(_INBOX.c.sequence).where(
    _INBOX.c.party == bindparam("party"),
    _INBOX.c.sender == bindparam("peer"),
    _INBOX.c.sequence > bindparam("complete"),
)
# What it gave custody for is asked for too: it went back to an old backup. One attempt more is a new message id, or the
# stream would take it for a repeat.
_DUE_AGAIN = (
    _DELIVERY.update()
    .where(_DELIVERY.c.id == bindparam("key"))
    .values(awaits="custody", attempts=_DELIVERY.c.attempts + 1, due=bindparam("new_due"))
)

Pairs = dict[tuple[str, str], Values]
"""Rows of `pair_in` by party and peer."""


def pairs_of(pairs: Collection[tuple[str, str]]) -> Reading[Pairs]:
    """Read what is complete of these pairs, locked for change in sorted order."""
    return Reading(
        [(_PAIRS_OF, {"keys": listed(sorted(pairs))})],
        lambda found: {(row.party, row.peer): row._asdict() for row in found[0]},
    )


async def note_gaps(work: Work, incoming: Sequence[Incoming], known: Pairs) -> None:
    """Move each pair's `complete` mark over what is here without gaps; remember to ask for the rest."""
    pairs = sorted({each.number[:2] for each in incoming})
    if missing := [pair for pair in pairs if pair not in known]:
        # Made first, so that there is a row to lock: who holds it sees what others have committed.
        nothing = {"complete": 0, "highest": 0, "asks": 0, "ask_due": None}
        new = [{"party": party, "peer": peer, **nothing} for party, peer in missing]
        await insert_new(work.connection, PairIn, new)
        known = known | await together.run(work.connection, pairs_of(missing))
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
                asked = {"party": pair[0], "peer": pair[1], "complete": row["complete"]}
                beyond = await work.connection.execute(_BEYOND, asked)
                numbers = came | {found.sequence for found in beyond}
                while row["complete"] + 1 in numbers:
                    row["complete"] += 1
        gap = row["complete"] < row["highest"]
        if not gap:
            row["asks"], row["ask_due"] = 0, None
        elif row["ask_due"] is None:
            row["ask_due"] = work.now + GAP_PATIENCE
        rows.append(row)
    work.batch.writes.append((upsert_of(PairIn), rows))


async def answer_requests(work: Work, asks: Sequence[AskArrival]) -> None:
    """Answer what others miss: send statements again, or kept receipts."""
    repeats: dict[str, Values] = {}
    for item in asks:
        ask = item.ask
        await answer_again(work, {(ask.recipient, id) for id in ask.undecided[:1000]})
        if not ask.missing:
            continue
        query = select(_OUTBOX.c.id, _OUTBOX.c.party, _OUTBOX.c.recipient).where(
            _OUTBOX.c.party == ask.recipient,
            _OUTBOX.c.recipient == ask.sender,
            _OUTBOX.c.sequence.in_(list(ask.missing[:1000])),
        )
        repeats |= {
            row.id: {
                "id": row.id,
                "party": row.party,
                "recipient": row.recipient,
                "awaits": "custody",
                "attempts": 1,
                "relayed": None,
                "due": work.now,
            }
            for row in await work.connection.execute(query)
        }
    if repeats:
        again = [{"key": id, "new_due": work.now} for id in sorted(repeats)]
        work.batch.writes += [
            (_DUE_AGAIN, again),
            (insert_new_of(Delivery), [repeats[id] for id in sorted(repeats)]),
        ]
        work.batch.sends_again = True
