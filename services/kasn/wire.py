"""Protobuf ↔ the examiner's words, and nothing else."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from agreement.clocks.escalation import Next, rank
from cooperation.oversight import overseers
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import instant, timestamp
from kasn.escalation import domain as ladder
from kasn.matters.domain import rules as domain
from kasn.matters.domain import steps
from kasn.matters.domain.due_dates import DueDateMoved
from kasn.matters.domain.letters import LetterIssued
from kasn.silence import domain as claims
from kasn.succession.domain import transfer
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.exchange.v1 import person_pb2, statement_pb2
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2, service_pb2, succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2
from refusals import Malformed

_EVENTS: dict[type[Any], type[Message]] = protobuf_mapping.pairs(
    {
        domain.Referred: bawaslu_events_pb2.Referred,
        domain.Accepted: events_pb2.Accepted,
        domain.Returned: events_pb2.Returned,
        domain.NotProven: events_pb2.NotProven,
        domain.Recommended: events_pb2.Recommended,
        steps.CompletionRequested: events_pb2.CompletionRequested,
        steps.ClarificationRequested: events_pb2.ClarificationRequested,
        steps.ClarificationHeld: events_pb2.ClarificationHeld,
        steps.ConflictDeclared: events_pb2.ConflictDeclared,
        steps.Corrected: events_pb2.Corrected,
        steps.Withdrawn: events_pb2.Withdrawn,
        steps.Completed: bawaslu_events_pb2.Completed,
        steps.Clarified: ppk_events_pb2.Clarified,
        domain.ObjectionAnswered: events_pb2.ObjectionAnswered,
        domain.Verified: events_pb2.Verified,
        DueDateMoved: events_pb2.DueDateMoved,
        domain.Opened: ppk_events_pb2.Opened,
        domain.Acknowledged: ppk_events_pb2.Acknowledged,
        domain.Rejected: ppk_events_pb2.Rejected,
        domain.Objected: ppk_events_pb2.Objected,
        domain.Decided: ppk_events_pb2.Decided,
        domain.FollowedUp: ppk_events_pb2.FollowedUp,
        overseers.Blocked: oversight_events_pb2.Blocked,
        overseers.Unblocked: oversight_events_pb2.Unblocked,
        overseers.Warned: oversight_events_pb2.Warned,
        domain.Progressed: discipline_events_pb2.Progressed,
        domain.Appealed: discipline_events_pb2.Appealed,
        transfer.Transferred: succession_pb2.Transferred,
        transfer.TookOver: succession_pb2.TookOver,
        transfer.Forwarded: succession_pb2.Forwarded,
    },
    {
        domain.Referred: ("origin", "post_category"),
        steps.Completed: ("post_category",),
        domain.Acknowledged: ("register_number",),
        domain.Decided: ("sanction_class",),
        domain.FollowedUp: ("decree_digest", "decree_number", "reason"),
        overseers.Blocked: ("office", "reason", "recommendation"),
        overseers.Unblocked: ("block_number", "office", "reason", "recommendation"),
        overseers.Warned: ("addressee", "recommendation"),
        domain.Appealed: ("kind", "letter_number", "sanction_class"),
        transfer.Forwarded: ("facts", "said", "type"),
    },
)
_LADDER: dict[type[ladder.Event], type[Message]] = protobuf_mapping.pairs(
    {
        ladder.StepReached: events_pb2.StepReached,
        ladder.Reminded: events_pb2.Reminded,
        ladder.Escalated: events_pb2.Escalated,
        ladder.SilenceClaimed: events_pb2.SilenceClaimed,
        ladder.SilenceRefuted: ppk_events_pb2.SilenceRefuted,
    }
)
_CLAIMS: dict[type[claims.Event], type[Message]] = protobuf_mapping.pairs(
    {
        claims.SilenceClaimed: bawaslu_events_pb2.SilenceClaimed,
        claims.SilenceRefuted: events_pb2.SilenceRefuted,
    },
    {
        claims.SilenceClaimed: ("custody_time", "due_date", "receipt_digest", "sent_time", "statement_id"),
    },
)
# The edge reads how many are handed over in one call.
protobuf_mapping.pair(transfer.TransferMatters, service_pb2.TransferMattersRequest, leaves_out=("limit",))
# What the letter says once for all of its items.
protobuf_mapping.pair(
    domain.Recommend,
    service_pb2.LetterItem,
    leaves_out=("name", "reasons", "addressee", "due_date", "due_rule", "letter_date", "letter_number"),
)
# A matter that is passed on: its name, its times and what was heard become the new examiner's own.
protobuf_mapping.pair(
    domain.Matter,
    service_pb2.Matter,
    leaves_out=("name", "create_time", "update_time", "created", "heard", "id", "party", "updated"),
)
KIND_CLOCK = statement_pb2.Actor.KIND_CLOCK
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: transfer.Event) -> Message:
    """An event as the message that travels or is recorded."""
    if isinstance(event, transfer.Transferred):
        told = [protobuf_mapping.to_message(each, succession_pb2.Told) for each in event.last_told]
        return protobuf_mapping.to_message(
            event, succession_pb2.Transferred, matter=matter(event.matter), last_told=told
        )
    if isinstance(event, transfer.Forwarded):
        said = facts(event.said)
        return forwarded(event.statement, event.sender, "", said)
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def ladder_facts(event: ladder.Event) -> Message:
    """An event of the ladder as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _LADDER[type(event)])


def ladder_event(message: Message) -> Any:
    """A message as the event of the ladder that it is."""
    kind = next(kind for kind, known in _LADDER.items() if known.DESCRIPTOR is message.DESCRIPTOR)
    return protobuf_mapping.to_dataclass(message, kind)


def claim_facts(event: claims.Event) -> Message:
    """A refutation as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _CLAIMS[type(event)])


def claim_event(message: Message) -> Any:
    """A message as the claim or the refutation that it is."""
    kind = next(kind for kind, known in _CLAIMS.items() if known.DESCRIPTOR is message.DESCRIPTOR)
    return protobuf_mapping.to_dataclass(message, kind)


def letter(issued: LetterIssued) -> Message:
    """A letter on several matters as the message that is recorded; it changes no matter by itself."""
    return protobuf_mapping.to_message(issued, events_pb2.LetterIssued)


def event(message: Message) -> Any:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    if isinstance(message, succession_pb2.Transferred):
        told = tuple(protobuf_mapping.to_dataclass(each, transfer.Told) for each in message.last_told)
        return protobuf_mapping.to_dataclass(message, kind, matter=_passed(message.matter), last_told=told)
    if isinstance(message, succession_pb2.Forwarded):
        said = event_of(message.facts)
        if said is None:
            raise Malformed("nothing that this desk knows was forwarded", field="facts")
        return protobuf_mapping.to_dataclass(message, kind, said=said)
    return protobuf_mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> transfer.Event | None:
    """The event in the facts of a leaf; None if they change no matter here."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    message = _BY_NAME[name][1]()
    packed.Unpack(message)
    found: transfer.Event = event(message)
    return found


def forwarded(statement: str, sender: str, type: str, said: Message) -> succession_pb2.Forwarded:
    """Pack a forwarded statement, with its facts as they came."""
    message = succession_pb2.Forwarded(statement=statement, sender=sender, type=type)
    message.facts.Pack(said)
    return message


def transferred(successor: str, count: int) -> succession_pb2.MattersTransferred:
    """Write what one call handed over."""
    return succession_pb2.MattersTransferred(successor=successor, count=count)


def command(request: Message, kind: type[Any], **more: Any) -> Any:
    """A request as the command of the same fields; `more` gives or replaces some."""
    return protobuf_mapping.to_dataclass(request, kind, **more)


def identity(part: bytes) -> bytes:
    """Return what identifies the person of a personal part: NIP, else NIK; empty without a person or number."""
    person = person_pb2.PersonalPart.FromString(part).person
    return f"nip:{person.nip}".encode() if person.nip else f"nik:{person.nik}".encode() if person.nik else b""


def dates(letter: Any) -> dict[str, Any]:
    """The date of a letter and when its follow-up is due, for the commands on its matters."""
    given = [name for name in ("letter_date", "due_date") if letter.HasField(name)]
    found = dict.fromkeys(("letter_date", "due_date")) | {
        name: protobuf_mapping.to_date(getattr(letter, name), name) for name in given
    }
    return found | {"due_rule": letter.due_rule}


def part(person: person_pb2.Person | None, text: str) -> bytes:
    """A personal part: the person, if one goes along, and prose. Empty if there is neither."""
    message = person_pb2.PersonalPart(person=person, text=text)
    return message.SerializeToString()


def handed_over(
    row: Any, transferred: Mapping[str, Any], took_over: Mapping[str, Any]
) -> service_pb2.HandedOver:
    """A line of the handover list; the mappings give what is known of either statement, by matter."""
    line = service_pb2.HandedOver(
        name=f"institutions/{row.party}/matters/{row.id}",
        state=row.state,
        predecessor=row.predecessor or row.party,
        successor=row.successor or row.party,
        passed_in=row.passed_in,
        rule=row.succession_rule,
        letter_number=row.letter_number,
    )
    if sent := transferred.get(row.id):
        line.transferred, line.transferred_outcome = sent.id, sent.outcome
        if sent.custody:
            line.transferred_custody_time.CopyFrom(timestamp(sent.custody))
    if sent := took_over.get(row.id):
        line.took_over, line.took_over_outcome = sent.id, sent.outcome
        if sent.custody:
            line.took_over_custody_time.CopyFrom(timestamp(sent.custody))
    return line


def _passed(seen: service_pb2.Matter) -> domain.Matter:
    """A matter as the old examiner had it."""
    words = seen.name.split("/")
    if len(words) != 4 or seen.state not in set(domain.State):
        raise Malformed("not a matter in a state of this desk", field="matter")
    return protobuf_mapping.to_dataclass(
        seen,
        domain.Matter,
        party=words[1],
        id=words[3],
        state=domain.State(seen.state),
        created=instant(seen.create_time),
        updated=instant(seen.update_time),
    )


def earlier(row: Any) -> service_pb2.EarlierRecommendation:
    """An earlier recommendation for people."""
    name = f"institutions/{row.party}/matters/{row.id}"
    return protobuf_mapping.to_message(row, service_pb2.EarlierRecommendation, matter=name)


def matter(row: Any) -> service_pb2.Matter:
    """A matter for people."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
    )


def silence_claim(known: claims.Claim) -> service_pb2.SilenceClaim:
    """Write a claim of silence for people."""
    name = f"institutions/{known.party}/matters/{known.id}"
    return protobuf_mapping.to_message(known, service_pb2.SilenceClaim, name=name)


def standing(row: Any, known: ladder.Ladder, following: Next | None) -> service_pb2.Ladder:
    """Write the step of a matter for people."""
    reached = ladder.days(row, known)
    step = max(reached, key=rank, default="")
    return protobuf_mapping.to_message(
        known,
        service_pb2.Ladder,
        name=f"institutions/{row.party}/matters/{row.id}",
        due_date=protobuf_mapping.to_day(row.due_date),
        step=step,
        step_date=protobuf_mapping.to_day(reached.get(step)),
        silence_date=protobuf_mapping.to_day(known.silence_day),
        next_step=following.step if following else "",
        next_date=protobuf_mapping.to_day(following.day) if following else None,
        next_actor=following.by if following else "",
    )
