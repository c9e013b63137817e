"""Late follow-up: what the clock does by itself, what an officer escalates, and claims of silence.

Facts in, decision, buffered writes and statements out, as in `handlers`; `due` finds what the clock has to do: to move a due
date that an amended decree moves, or to take a step of the ladder.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import and_, select

from agreement.clocks.escalation import CLOCK
from agreement.parties import institutions
from exchange.context import Actor, FactKey, HostContext
from exchange.delivery import delivery_evidence
from exchange.delivery.commands import Command
from exchange.delivery.entity_store import matter_key, use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from kasn import wire
from kasn.escalation import domain
from kasn.matters.commands import RECOMMENDED, done, matter_for_change, tell_all
from kasn.matters.domain.due_dates import DueDateMoved, moved
from kasn.matters.domain.rules import Matter
from kasn.succession.commands import TOOK_OVER
from kasn.tables import LadderRow, MatterRow, ladder_key
from kasn.wire import Record
from refusals import NotFound, WrongState
from storage.types import table

REMINDED = "netral.examiner.reminded.v1"
ESCALATED = "netral.examiner.escalated.v1"
SILENCE_CLAIMED = "netral.examiner.silence_claimed.v1"
DUE_DATE_MOVED = "netral.examiner.due_date_moved.v1"

_ACTOR = Actor(wire.KIND_CLOCK, "clock", "clock")
_TELL = (
    RECOMMENDED,
    TOOK_OVER,
)  # after a succession the addressee has the recommendation from the predecessor
_HORIZON = timedelta(days=60)  # more than any step comes before the due date


def keys_of(party: str, matter: str) -> list[FactKey]:
    """The facts that every step needs."""
    return [matter_key(party, matter), ladder_key(party, matter), delivery_evidence.sent_key(party, matter)]


async def due(desk: HostContext, now: datetime) -> Sequence[Command]:
    """List what the clock has to do at `now` (UTC): one command per matter, with a request id of its step.

    So nothing happens twice, whatever dies when. A party whose role has passed has nothing to do: its matters go on at the
    successor.
    """
    parties = [party for party in desk.parties if desk.may_send(party, REMINDED, institutions.EXAMINER, now)]
    matters, ladders = table(MatterRow), table(LadderRow)
    together = and_(
        ladders.c.party == matters.c.party,
        ladders.c.id == matters.c.id,
        ladders.c.letter_number == matters.c.letter_number,
    )
    query = (
        select(matters, ladders.c.reached)
        .select_from(matters.outerjoin(ladders, together))
        .where(
            matters.c.party.in_(sorted(parties)),
            matters.c.state.in_(sorted(domain.OPEN)),
            matters.c.due_date <= (now + _HORIZON).date(),
        )
    )
    async with desk.database.read() as connection:
        rows = list(await connection.execute(query))
    found = []
    for row in rows:
        if moves := moved(row, _day(now, row.addressee)):
            found.append(_move(row.party, row.id, moves))
            continue  # its steps are counted from the new date, in the next round
        known = domain.Ladder(row.party, row.id, row.letter_number, tuple(row.reached or ()))
        today = _day(now, row.addressee)
        following = domain.next_step(row, known, today)
        if following is not None and following.by == CLOCK and following.day <= today:
            keys, letter = keys_of(row.party, row.id), row.letter_number
            found.append(_command(row.party, row.id, f"{letter}/{following.step}", keys, take_step))
    return found


def _move(party: str, matter: str, event: DueDateMoved) -> Command:
    what = f"{event.letter_number}/{event.calendar}/{event.former_due_date}"
    return _command(party, matter, what, [matter_key(party, matter)], move_due_date)


def _command(
    party: str, matter: str, what: str, keys: Sequence[FactKey], handler: Callable[[Transaction, str], Record]
) -> Command:
    name = f"netral://{party}/{matter}/{what}"
    return Command(
        party=party,
        actor=_ACTOR,
        request_id=str(uuid5(NAMESPACE_URL, name)),
        content=name.encode(),
        keys=keys,
        handler=lambda tx: handler(tx, matter),
    )


def move_due_date(tx: Transaction, id: str) -> Record:
    """The clock moves a due date that an amended decree moves; the addressee is told, with copies."""
    matter = matter_for_change(tx, id)
    event = domain.move_due_date(matter, _today(tx, matter))
    tell_all(tx, DUE_DATE_MOVED, matter.addressee, matter, event)
    return done(tx, "kasn.move_due_date", matter, event)


def take_step(tx: Transaction, id: str) -> Record:
    """The clock's step on a matter; a reminder goes to the addressee."""
    matter, ladder, held = _facts(tx, id)
    event = domain.step(matter, ladder, held, _today(tx, matter))
    if isinstance(event, domain.Reminded):
        _tell(tx, REMINDED, matter.addressee, matter, event)
        return _done(tx, "kasn.remind", matter, domain.apply(ladder, event), event)
    return _done(tx, "kasn.step_reached", matter, domain.apply(ladder, event), event)


def escalate(tx: Transaction, id: str, command: domain.Escalate) -> Record:
    """Escalate to the addressee's superior."""
    matter, ladder, held = _facts(tx, id)
    event = domain.escalate(matter, ladder, command, held, _today(tx, matter))
    if tx.desk.trust.get(event.superior) is None:
        raise WrongState("the superior takes no part in the exchange", reason="NO_SUCH_PARTY")
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    _tell(tx, ESCALATED, event.superior, matter, event)
    return _done(tx, "kasn.escalate", matter, domain.apply(ladder, event), event)


def claim_silence(tx: Transaction, id: str, command: domain.ClaimSilence) -> Record:
    """Claim that the addressee is silent; it is told, so that it can refute."""
    matter, ladder, held = _facts(tx, id)
    event = domain.claim_silence(matter, held, _today(tx, matter))
    sent = _tell(tx, SILENCE_CLAIMED, matter.addressee, matter, event)
    return _done(tx, "kasn.claim_silence", matter, domain.apply(ladder, event, sent), event)


def hear_refutation(tx: Transaction, received: IncomingStatement) -> None:
    """Take up the addressee's refutation."""
    matter = matter_for_change(tx, received.matter)
    key = ladder_key(tx.party, received.matter)
    ladder = domain.of(matter, tx.get(key))
    event = wire.ladder_event(received.facts)
    tx.save(key, domain.hear(matter, ladder, event, received.sender))


def _facts(tx: Transaction, id: str) -> tuple[Matter, domain.Ladder, domain.Held]:
    matter = matter_for_change(tx, id)
    ladder = domain.of(matter, tx.get(ladder_key(tx.party, id)))
    sent: tuple[delivery_evidence.SentStatement, ...] = tx.get(delivery_evidence.sent_key(tx.party, id)) or ()
    own = [each for each in sent if each.type in _TELL and each.recipient == matter.addressee]
    if not own:
        raise NotFound("nothing was recommended to the addressee", field="name")
    last = own[-1]
    return matter, ladder, domain.Held(last.id, last.time, last.custody, last.receipt)


def _day(now: datetime, addressee: str) -> date:
    return now.astimezone(institutions.zone(addressee)).date()


def _today(tx: Transaction, matter: Matter) -> date:
    return _day(tx.now, matter.addressee)


def _tell(tx: Transaction, type: str, recipient: str, matter: Matter, event: domain.Event) -> str:
    facts = wire.ladder_facts(event)
    return tx.send(type, recipient, matter.id, matter.case_id, facts, cause=matter.heard)


def _done(tx: Transaction, action: str, matter: Matter, ladder: domain.Ladder, event: domain.Event) -> Record:
    tx.save(ladder_key(tx.party, matter.id), ladder)
    return tx.record(action, matter.id, matter.case_id, matter.state, wire.ladder_facts(event))
