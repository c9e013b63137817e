"""Protobuf ↔ the words of monitoring, and nothing else: leaves into happenings, figures into answers.

A statement that was sent counts where it stands in the log; one that was received counts where this party's receipt says
that it was taken up, as the desk's own state did. What was refused, waits or is parked counts nowhere.
"""

import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from agreement.clocks.working_days import WorkingDays
from agreement.parties import institutions
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from cooperation.monitoring import names
from cooperation.monitoring.figures import agreed_figures, cohorts, definitions, early_warning, peer_activity
from cooperation.monitoring.figures import escalation as ladder
from cooperation.monitoring.figures.agreed_figures import StatedFigure
from cooperation.monitoring.figures.case_status import CaseStatus, LogFact, Value
from cooperation.monitoring.figures.report_status import OF_INTAKES
from exchange.statements import protobuf_mapping, receipts
from exchange.statements.protobuf_time import instant, timestamp
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.bawaslu.v1 import intake_events_pb2
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.monitoring.v1 import events_pb2, service_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2
from refusals import Malformed

# Known by their names in the facts of leaves; importing them is what makes them known.
FACTS = (bawaslu_events_pb2, intake_events_pb2, kasn_events_pb2, ppk_events_pb2, succession_pb2)
Statement = statement_pb2.Statement
Arrived = MutableMapping[bytes, Statement]
"""Statements by the digest of their envelope."""
Filtered = (
    service_pb2.GetSummaryRequest
    | service_pb2.ListCasesRequest
    | service_pb2.ListOverdueRequest
    | service_pb2.GetLadderRequest
    | service_pb2.ListRegionsRequest
    | service_pb2.GetTableRequest
    | service_pb2.GetCohortsRequest
    | service_pb2.ListWarningsRequest
    | service_pb2.ExportFiguresRequest
    | service_pb2.WatchFiguresRequest
)
"""A request for the cases that pass a filter."""


class Leaf(Protocol):
    """A leaf with its place in the log, out of the database or of an export."""

    @property
    def index(self) -> int: ...

    @property
    def body(self) -> bytes: ...


# --- leaves -------------------------------------------------------------------------------------------------------


def statement_of(body: bytes) -> tuple[bytes, Statement]:
    """The statement in a leaf's body, and the digest of its envelope."""
    decoded = decode_leaf(body)
    return decoded.digest, decoded.statement()


def taken_up(party: str, leaves: Iterable[Leaf]) -> set[str]:
    """Ids of the statements that this party's receipts among the leaves take up."""
    decoded = (decode_leaf(leaf.body) for leaf in leaves)
    found = (_taken_up(party, leaf.receipt()) for leaf in decoded if leaf.kind is Kind.RECEIPT)
    return {receipt.statement_id for receipt in found if receipt is not None}


def read(
    party: str, leaves: Iterable[Leaf], arrived: Arrived
) -> tuple[list[LogFact], list[tuple[str, datetime]]]:
    """Read cases from the leaves of a party's log, in order; and from whom statements came, signed when (UTC).

    `arrived` has the received statements of earlier leaves that are not decided yet; those of these leaves are added.
    """
    said: list[LogFact] = []
    heard: list[tuple[str, datetime]] = []
    for leaf in leaves:
        decoded = decode_leaf(leaf.body)
        if decoded.kind is Kind.STATEMENT:
            statement = decoded.statement()
            if statement.sender != party:
                arrived[decoded.digest] = statement
                heard.append((statement.sender, instant(statement.time)))
            elif not statement.copy_of:
                said.append(_said(leaf.index, statement))
        elif decoded.kind is Kind.RECORD:
            record = decoded.record()
            # What an act sent says itself what happened; of an intake, it only answers the team that informed.
            if record.HasField("facts"):
                fact = _recorded(leaf.index, record)
                if not record.statements or fact.fact in OF_INTAKES:
                    said.append(fact)
        elif decoded.kind is Kind.RECEIPT:  # a chain leaf says nothing of cases
            receipt = _taken_up(party, decoded.receipt())
            if receipt is not None and receipt.envelope_digest in arrived:
                said.append(_heard(leaf.index, arrived.pop(receipt.envelope_digest)))
    return said, heard


def _taken_up(party: str, receipt: receipt_pb2.Receipt) -> receipt_pb2.Receipt | None:
    mine = receipt.recipient == party and receipts.outcome_word(receipt) == receipts.TAKEN_UP
    return receipt if mine else None


def _said(index: int, statement: Statement) -> LogFact:
    fact = statement.type.split(".")[2]
    return LogFact(
        index,
        instant(statement.time),
        statement.subject,
        statement.case_id,
        fact,
        statement.sender,
        statement.recipient,
        _values(statement.facts),
    )


def _heard(index: int, statement: Statement) -> LogFact:
    """Read the fact of a statement; of what an old examiner passes on, what its sender had said."""
    said = _said(index, statement)
    if statement.facts.Is(succession_pb2.Transferred.DESCRIPTOR):
        passed = succession_pb2.Transferred()
        statement.facts.Unpack(passed)
        ladder: dict[str, Value] = {
            "escalation_number": passed.escalation_number,
            "reached": tuple(passed.reached),
        }
        return replace(said, values=_values_of(passed.matter) | ladder)
    if statement.facts.Is(succession_pb2.Forwarded.DESCRIPTOR):
        passed_on = succession_pb2.Forwarded()
        statement.facts.Unpack(passed_on)
        fact, values = _fact_of(passed_on.facts), _values(passed_on.facts)
        return replace(said, fact=fact, by=passed_on.sender, values=values, late=True)
    return said


def _recorded(index: int, record: record_pb2.Record) -> LogFact:
    return LogFact(
        index,
        instant(record.time),
        record.matter,
        record.case_id,
        _fact_of(record.facts),
        record.party,
        "",
        _values(record.facts),
    )


def _fact_of(packed: AnyMessage) -> str:
    """The fact in the words of statement types: `FollowedUp` is `followed_up`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", packed.type_url.rpartition(".")[2]).lower()


def _values(packed: AnyMessage) -> dict[str, Value]:
    """The texts, codes and dates of a fact, by field; nothing of a message that is not known here."""
    name = packed.type_url.rpartition("/")[2]
    try:
        described = descriptor_pool.Default().FindMessageTypeByName(name)
    except KeyError:
        return {}
    message = message_factory.GetMessageClass(described)()
    packed.Unpack(message)
    return _values_of(message)


def _values_of(message: Message) -> dict[str, Value]:
    return {field.name: value for field, found in message.ListFields() for value in _value(field, found)}


def _value(field: FieldDescriptor, found: Any) -> Iterator[Value]:
    """One value in our words, or none."""
    if field.is_repeated:
        return
    try:
        if field.enum_type is not None:
            yield protobuf_mapping.enum_word(field, found)
        elif field.message_type is not None and field.message_type.full_name == Date.DESCRIPTOR.full_name:
            yield protobuf_mapping.to_date(found, field.name)
        elif field.type == FieldDescriptor.TYPE_STRING:
            yield found
    except Malformed:
        return  # a day or a code that we do not know is no reason to stop counting


# --- answers ------------------------------------------------------------------------------------------------------


def figure(found: definitions.Figure) -> service_pb2.Figure:
    definition, interval = definitions.BY_ID[found.id], found.interval
    return service_pb2.Figure(
        id=found.id,
        n=found.n,
        of=found.of,
        answer=service_pb2.Answer.Value(f"ANSWER_{found.answer}"),
        definition_id=definition.indonesian,
        definition_en=definition.english,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
    )


def warning(
    found: early_warning.Warning,
    as_of: service_pb2.AsOf,
    windows: early_warning.Windows,
    minimum: int,
    name: str,
) -> service_pb2.Warning:
    """A place or act, with what is counted and as of when."""
    low, high = found.interval or (None, None)
    return service_pb2.Warning(
        key=found.key,
        name=name,
        state=service_pb2.WarningState.Value(f"WARNING_STATE_{found.state}"),
        recent=found.recent,
        past=found.past,
        ratio=found.ratio,
        low=low,
        high=high,
        definition_id=early_warning.definition(early_warning.INDONESIAN, windows, minimum),
        definition_en=early_warning.definition(early_warning.ENGLISH, windows, minimum),
        as_of=as_of,
    )


def cohort(found: cohorts.Cohort) -> service_pb2.Cohort:
    points = [service_pb2.CohortPoint(within=point.within, n=point.n, of=point.of) for point in found.points]
    return service_pb2.Cohort(month=found.month, recommended=found.recommended, points=points)


def sentences(
    cells: Iterable[definitions.Measured],
    oldest: Sequence[CaseStatus],
    today: date,
    working_days: WorkingDays,
) -> tuple[str, str]:
    """The state of things in one sentence, in Indonesian and in English; `oldest` is the recommendation that is late longest."""
    late = [cell for cell in cells if definitions.is_overdue(cell, today)]
    if not oldest:
        return "Tidak ada rekomendasi yang melewati tenggat.", "No recommendation is overdue."
    case, count = oldest[0], sum(cell.count for cell in late)
    assert case.due_date is not None
    new = sum(cell.count for cell in late if cell.due_date == today - timedelta(days=1))
    days = working_days(case.due_date, today)
    return (
        f"{count} rekomendasi melewati tenggat; {new} di antaranya sejak hari ini; yang tertua terlambat"
        f" {days} hari kerja ({case.agency}).",
        f"{count} recommendations are overdue; {new} of them since today; the oldest is {days} working days"
        f" late ({case.agency}).",
    )


def rung(step: str, count: int, today: date) -> service_pb2.Rung:
    next_step, next_actor = ladder.after(step, today)
    return service_pb2.Rung(step=step, count=count, next_step=next_step, next_actor=next_actor)


def overdue(
    found: CaseStatus, told: service_pb2.CaseProgress, today: date, working_days: WorkingDays
) -> service_pb2.OverdueCase:
    assert found.due_date is not None
    reached = found.step_time.astimezone(institutions.zone(found.agency)).date() if found.step_time else None
    letter = found.recommended_date or found.due_date
    region = institutions.region_of(found.agency)
    following = ladder.following(letter, found.due_date, found.step, reached, today, region)
    return service_pb2.OverdueCase(
        case=told,
        days_late=(today - found.due_date).days,
        working_days_late=working_days(found.due_date, today),
        next_step=following.step if following else "",
        next_actor=following.by if following else "",
        next_date=date_message(following.day) if following else None,
        next_unconfirmed=bool(following and not following.confirmed),
        agency_name=names.institution_name(found.agency),
        region_name=names.region_name(found.region),
        holder_name=names.institution_name(found.holder),
        next_actor_name=names.actor_name(found, following.by, today) if following else "",
    )


def feed(found: peer_activity.PeerActivity, today: date, holds: int) -> service_pb2.Feed:
    quiet, usual = peer_activity.days_since_last(found, today), peer_activity.longest_usual_gap(found)
    return service_pb2.Feed(
        peer=found.peer,
        state=service_pb2.FeedState.Value(f"FEED_STATE_{peer_activity.state(found, today)}"),
        last_time=timestamp(found.last) if found.last else None,
        statements=found.statements,
        quiet_days=-1 if quiet is None else quiet,
        usual_days=-1 if usual is None else usual,
        holds=holds,
    )


# --- figures that are stated and agreed -----------------------------------------------------------------------------


def stated(
    figure_id: str, period: agreed_figures.Period, today: date, index: int, counted: agreed_figures.Counted
) -> Message:
    """The fact of a figure that is stated."""
    return events_pb2.FiguresStated(
        figure=figure_id,
        start_date=date_message(period.start),
        end_date=date_message(period.end),
        today=date_message(today),
        log_index=index,
        counted=[UUID(matter).bytes for matter in counted.yes],
        others=[UUID(matter).bytes for matter in counted.no],
        ratio=events_pb2.Ratio(n=counted.n, of=counted.of),
    )


def agreed(
    id: str, own: agreed_figures.Counted, index: int, compared: agreed_figures.Compared
) -> events_pb2.FiguresAgreed:
    """The fact of an answer to a figure."""
    return events_pb2.FiguresAgreed(
        stated=id,
        alike=compared.alike,
        ratio=events_pb2.Ratio(n=own.n, of=own.of),
        log_index=index,
        differences=[difference(one) for one in compared.differences],
    )


def difference(found: agreed_figures.Difference) -> events_pb2.Difference:
    return events_pb2.Difference(
        matter=UUID(found.matter).bytes,
        kind=events_pb2.DifferenceKind.Value(f"DIFFERENCE_KIND_{found.kind}"),
        reason=events_pb2.DifferenceReason.Value(f"DIFFERENCE_REASON_{found.reason}"),
        stage=found.stage,
    )


def stated_figure(found: StatedFigure) -> service_pb2.StatedFigures:
    """A figure that was stated, or an answer, without its list of cases."""
    answer = service_pb2.StatedFigures(
        name=f"institutions/{found.party}/figures/{found.id}",
        sender=found.sender,
        recipient=found.recipient,
        time=timestamp(found.time),
    )
    if found.answers:
        answer.agreed.ParseFromString(found.facts)
    else:
        answer.stated.CopyFrom(_in_short(events_pb2.FiguresStated.FromString(found.facts)))
    return answer


def reconciliation(
    as_of: service_pb2.AsOf,
    stated: events_pb2.FiguresStated,
    stated_by: str,
    own: agreed_figures.Counted,
    compared: agreed_figures.Compared,
    answer: str,
) -> service_pb2.Reconciliation:
    return service_pb2.Reconciliation(
        as_of=as_of,
        stated=_in_short(stated),
        stated_by=stated_by,
        own=events_pb2.Ratio(n=own.n, of=own.of),
        alike=compared.alike,
        differences=[difference(one) for one in compared.differences],
        answer=answer,
    )


def _in_short(stated: events_pb2.FiguresStated) -> events_pb2.FiguresStated:
    short = events_pb2.FiguresStated()
    short.CopyFrom(stated)
    short.ClearField("counted")
    short.ClearField("others")
    return short


def period_of(message: events_pb2.FiguresStated) -> agreed_figures.Period:
    """The period of a stated figure.

    Raises:
        Malformed: a date that is not in the calendar.
    """
    return agreed_figures.Period(
        protobuf_mapping.to_date(message.start_date, "start_date"),
        protobuf_mapping.to_date(message.end_date, "end_date"),
    )


def counted_of(message: events_pb2.FiguresStated) -> agreed_figures.Counted:
    """The cases of a stated figure.

    Raises:
        Malformed: an id that is none, or a case that counts twice.
    """
    ids = [*message.counted, *message.others]
    if any(len(id) != 16 for id in ids) or len(set(ids)) != len(ids):
        raise Malformed("the cases of a figure are matter ids, each once", field="counted")
    words = [str(UUID(bytes=id)) for id in ids]
    return agreed_figures.Counted(
        tuple(sorted(words[: len(message.counted)])), tuple(sorted(words[len(message.counted) :]))
    )


def date_message(day: date) -> Date:
    """A calendar date of the contract."""
    return Date(year=day.year, month=day.month, day=day.day)


def check_stated(facts: events_pb2.FiguresStated) -> events_pb2.FiguresStated:
    """A stated figure, which can be compared.

    Raises:
        Malformed: an unknown figure, a day that is none, a period without days, ids that are none or repeated.
    """
    period, _ = period_of(facts), protobuf_mapping.to_date(facts.today, "today")
    if facts.figure not in definitions.BY_ID:
        raise Malformed("not a figure that is known here", field="figure")
    if period.start >= period.end:
        raise Malformed("the period has no days", field="end_date")
    counted = counted_of(facts)
    if (counted.n, counted.of) != (facts.ratio.n, facts.ratio.of):
        raise Malformed("n and N are not those of the cases", field="ratio")
    return facts
