"""Late follow-up: acts of officers as rows, and what the clock has to do by itself.

`due` finds what the clock has to do: to move a due date that an amended decree moves, or to take a step of the ladder.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import and_, select

from agreement.clocks.escalation import CLOCK
from agreement.parties import institutions
from exchange.context import Actor, FactKey, HostContext
from exchange.delivery import delivery_evidence
from exchange.delivery.commands import Command
from exchange.delivery.transaction import Transaction
from host.command_rows import Number, Row, Sending, Subject, carry_out
from kasn.escalation import domain, wire
from kasn.escalation.domain import Ladder
from kasn.escalation.tables import LADDERS, LadderRow
from kasn.matters.commands import MATTER, RECOMMENDED, TOOK_OVER
from kasn.matters.domain.due_dates import DueDateMoved, moved
from kasn.matters.domain.matter import Matter
from kasn.matters.tables import MATTERS, MatterRow
from netral.exchange.v1.record_pb2 import Record
from netral.kasn.v1 import service_pb2 as pb
from refusals import NotFound, WrongState
from storage.types import table

REMINDED = "netral.examiner.reminded.v1"
REPRIMANDED = "netral.examiner.reprimanded.v1"
ESCALATED = "netral.examiner.escalated.v1"
SILENCE_CLAIMED = "netral.examiner.silence_claimed.v1"
DUE_DATE_MOVED = "netral.examiner.due_date_moved.v1"

_ACTOR = Actor(wire.KIND_CLOCK, "clock", "clock")
_TELL = (RECOMMENDED, TOOK_OVER)
_HORIZON = timedelta(days=60)  # more than any step comes before the due date


@dataclass(frozen=True)
class Late:
    """A recommended matter with its ladder, and what is held of the last recommendation; `today` is the addressee's."""

    matter: Matter
    ladder: Ladder
    held: domain.Held
    today: date
    takes_part: Callable[[str], bool]

    @property
    def id(self) -> str:
        return self.matter.id

    @property
    def case_id(self) -> str:
        return self.matter.case_id

    @property
    def state(self) -> str:
        return self.matter.state


def _keys(party: str, id: str) -> list[FactKey]:
    return [MATTERS.key(party, id), LADDERS.key(party, id), delivery_evidence.sent_key(party, id)]


def _load(tx: Transaction, id: str) -> Late:
    matter = MATTERS.existing(tx, id)
    ladder = domain.of(matter, LADDERS.find(tx, id))
    sent: tuple[delivery_evidence.SentStatement, ...] = tx.get(delivery_evidence.sent_key(tx.party, id)) or ()
    own = [each for each in sent if each.type in _TELL and each.recipient == matter.addressee]
    if not own:
        raise NotFound("nothing was recommended to the addressee", field="name")
    last = own[-1]
    held = domain.Held(last.id, last.time, last.custody, last.receipt)
    today = _day(tx.now, matter.addressee)
    return Late(matter, ladder, held, today, lambda party: tx.desk.trust.get(party) is not None)


def _keep(tx: Transaction, known: Late, event: domain.Event) -> Late:
    """A claim has the id of the statement that was just sent."""
    claim = tx.sendings[-1].id if isinstance(event, domain.SilenceClaimed) else ""
    LADDERS.save(tx, known.id, domain.apply(known.ladder, event, claim))
    return known


LATE: Subject[Late, domain.Event] = Subject(
    _keys,
    _load,
    _keep,
    wire.EVENTS.to_message,
    possible=lambda known, command: known.matter.state in domain.OPEN,
)


def _escalate(known: Late, command: domain.Escalate, today: date) -> domain.Escalated:
    """A letter to the President goes on paper where he is no party: it is recorded, and nobody is told by the exchange."""
    event = domain.escalate(known.matter, known.ladder, command, known.held, known.today)
    if not known.takes_part(event.superior) and not institutions.is_president(event.superior):
        raise WrongState("the superior takes no part in the exchange", reason="NO_SUCH_PARTY")
    return event


def _reprimand(known: Late, command: domain.Reprimand, today: date) -> domain.Reprimanded:
    return domain.reprimand(known.matter, known.ladder, command, known.held, known.today)


def _claim_silence(known: Late, command: domain.ClaimSilence, today: date) -> domain.SilenceClaimed:
    return domain.claim_silence(known.matter, known.held, known.today)


def _sends(known: Late, event: domain.Event) -> Sequence[Sending]:
    """An escalation goes to the superior; of a reminder, a reprimand and a claim the addressee is told."""
    match event:
        case domain.Escalated() if known.takes_part(event.superior):
            return [Sending(ESCALATED, event.superior, known.matter.heard)]
        case domain.Reprimanded():
            return [Sending(REPRIMANDED, known.matter.addressee, known.matter.heard)]
        case domain.Reminded():
            return [Sending(REMINDED, known.matter.addressee, known.matter.heard)]
        case domain.SilenceClaimed():
            return [Sending(SILENCE_CLAIMED, known.matter.addressee, known.matter.heard)]
    return ()


METHODS = (
    Row(
        pb.ReprimandRequest,
        _reprimand,
        "kasn.reprimand",
        LATE,
        (Number("letter", "letter_number"),),
        _sends,
    ),
    Row(
        pb.EscalateRequest,
        _escalate,
        "kasn.escalate",
        LATE,
        (Number("letter", "letter_number"),),
        _sends,
    ),
    Row(
        pb.ClaimSilenceRequest,
        _claim_silence,
        "kasn.claim_silence",
        LATE,
        sends=_sends,
    ),
)


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
            keys = _keys(row.party, row.id)
            # After an annulment the same step is taken again, so that it has another request id.
            what = [
                row.letter_number,
                *([row.annulment_number] if row.annulment_number else []),
                following.step,
            ]
            found.append(_command(row.party, row.id, "/".join(what), keys, take_step))
    return found


def _move(party: str, matter: str, event: DueDateMoved) -> Command:
    what = f"{event.letter_number}/{event.calendar}/{event.former_due_date}"
    return _command(party, matter, what, [MATTERS.key(party, matter)], move_due_date)


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
    matter = MATTERS.existing(tx, id)
    event = domain.move_due_date(matter, _day(tx.now, matter.addressee))
    told = [Sending(DUE_DATE_MOVED, matter.addressee, matter.heard, with_copies=True)]
    return carry_out(MATTER, "kasn.move_due_date", tx, matter, event, told)


def take_step(tx: Transaction, id: str) -> Record:
    """The clock's step on a matter; a reminder goes to the addressee."""
    known = _load(tx, id)
    event = domain.step(known.matter, known.ladder, known.held, known.today)
    action = "kasn.remind" if isinstance(event, domain.Reminded) else "kasn.step_reached"
    return carry_out(LATE, action, tx, known, event, _sends(known, event))


def _day(now: datetime, addressee: str) -> date:
    return now.astimezone(institutions.zone(addressee)).date()
