"""Replays what the rooms beside the desks keep: campaigns, acts and lists (prevention), indications and plans (supervision).

Every row of these tables comes from records and from statements that were taken up, but for what the trail does not have:

- `pledge_list.read`, `lines`, `prefix`, `broken` and `created`, and a list that is still imported: an import is no business fact
  until the list is closed (`cooperation.prevention.pledges.store`). Entries and tree of a closed list are compared with its root (`pledged`).
- the id of an act that an authority reported in answer to a campaign: the record is on the campaign. Such a row is found by
  everything else that it says.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from agreement.prevention import campaigns as acts
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from cooperation.prevention import wire as prevention_wire
from cooperation.prevention.campaigns import domain
from cooperation.prevention.pledges.domain import lists
from cooperation.supervision import wire as supervision_wire
from cooperation.supervision.indications import domain as indications
from cooperation.supervision.plans import domain as plans
from exchange.statements.protobuf_time import instant
from netral.exchange.v1 import receipt_pb2
from netral.prevention.v1 import events_pb2 as told
from netral.supervision.v1 import events_pb2 as seen
from netral.supervision.v1 import plans_pb2

Id = tuple[str, str]
"""A party and the id of what it has."""

_MESSAGES = {
    kind.DESCRIPTOR.full_name: kind
    for kind in (
        told.CampaignMade,
        told.CampaignIssued,
        told.CampaignOpened,
        told.PreventionReported,
        told.PledgesListed,
        told.PledgesErased,
        seen.IndicationRecorded,
        seen.IndicationSettled,
        seen.InformationPassed,
        seen.InformationAnswered,
        plans_pb2.PlanProposed,
        plans_pb2.PlanAgreed,
        plans_pb2.PlanNoted,
    )
}
IMPORTED = ("read", "lines", "prefix", "broken", "created")
"""What a list has of its import, which is not in the trail."""


@dataclass
class Rooms:
    """Rows of the rooms' tables by the trail; `unnamed` are acts whose id the trail lacks (their `id` is empty)."""

    issued: dict[Id, domain.Campaign] = field(default_factory=dict)
    received: dict[Id, domain.Received] = field(default_factory=dict)
    reports: dict[Id, domain.Report] = field(default_factory=dict)
    unnamed: list[domain.Report] = field(default_factory=list)
    listed: dict[Id, lists.PledgeList] = field(default_factory=dict)
    indicated: dict[Id, indications.Indication] = field(default_factory=dict)
    planned: dict[Id, plans.Plan] = field(default_factory=dict)
    prevention_numbers: dict[tuple[str, str, str], str] = field(default_factory=dict)
    supervision_numbers: dict[tuple[str, str, str], str] = field(default_factory=dict)


def replay_rooms(leaves: list[Any]) -> Rooms:
    """The rooms of a host's parties from its leaves alone, in order: records, and statements where they were taken up."""
    found = Rooms()
    kept = sorted(leaves, key=lambda leaf: leaf.id)
    # Whom an act told is in its statements, which may stand on either side of its record.
    sent = {statement.id: statement for statement in _statements(kept).values()}
    for party, said, record in taken_up(kept):
        if record is None:
            _heard(found, party, said.statement, said.at)
        else:
            _did(found, party, record, sent)
    return found


@dataclass(frozen=True)
class TakenUp:
    """A statement that a party took up, and when (UTC)."""

    statement: Any
    at: datetime


def taken_up(leaves: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what parties did (a record) and took up (a `TakenUp`), in order."""
    arrived = _statements(leaves)
    for leaf in leaves:
        if leaf.author != leaf.party or leaf.kind not in (Kind.RECORD, Kind.RECEIPT):
            continue
        if leaf.kind == Kind.RECORD:
            yield leaf.party, None, decode_leaf(leaf.body).record()
            continue
        receipt = decode_leaf(leaf.body).receipt()
        if receipt.outcome == receipt_pb2.Receipt.OUTCOME_TAKEN_UP:
            yield leaf.party, TakenUp(arrived[receipt.envelope_digest], instant(receipt.time)), None


def _statements(leaves: list[Any]) -> dict[bytes, Any]:
    decoded = (decode_leaf(leaf.body) for leaf in leaves if leaf.kind == Kind.STATEMENT)
    return {each.digest: each.statement() for each in decoded}


def _facts(packed: Any) -> Any:
    """The facts of a leaf, if they are of these rooms."""
    kind = _MESSAGES.get(packed.TypeName())
    return None if kind is None else kind.FromString(packed.value)


# What a party did


def _did(found: Rooms, party: str, record: Any, sent: Mapping[str, Any]) -> None:
    facts, key, at = _facts(record.facts), (party, record.matter), instant(record.time)
    to = sent[record.statements[0]].recipient if record.statements else ""
    statement = record.statements[0] if record.statements else ""
    match facts:
        case told.CampaignMade():
            found.issued[key] = _campaign(key, facts, at)
            found.prevention_numbers[party, "letter", facts.issued.number] = record.matter
        case told.CampaignOpened():
            opened = replace(found.received[key], state=domain.State.OPENED, updated=at)
            found.received[key] = opened
        case told.PreventionReported():
            _reported(found, key, facts, at)
        case told.PledgesListed():
            _listed(found, key, facts, record, at)
        case told.PledgesErased():
            found.listed[key] = replace(lists.erase(found.listed[key]), updated=at)
        case seen.IndicationRecorded():
            found.indicated[key] = indications.begin(*key, supervision_wire.event(facts), at)
        case seen.IndicationSettled() | seen.InformationPassed():
            after = indications.apply(found.indicated[key], supervision_wire.event(facts))
            if isinstance(facts, seen.InformationPassed):
                after = replace(after, supervisor=to, statement=statement)
                found.supervision_numbers[party, "letter", facts.letter_number] = record.matter
            found.indicated[key] = replace(after, updated=at)
        case plans_pb2.PlanProposed():
            found.planned[key] = plans.begin(*key, supervision_wire.event(facts), party, to, at)
            found.supervision_numbers[party, "plan", facts.number] = record.matter
        case plans_pb2.PlanAgreed():
            agreed = plans.agree(found.planned[key], supervision_wire.event(facts), party, None)
            found.planned[key] = replace(agreed, updated=at)
            found.supervision_numbers[party, "plan", facts.letter_number] = record.matter
        case plans_pb2.PlanNoted():
            noted = plans.note(found.planned[key], supervision_wire.event(facts), party, statement, None)
            found.planned[key] = replace(noted, updated=at)


def _campaign(key: Id, made: Any, at: datetime) -> domain.Campaign:
    event: domain.Issued = prevention_wire.event(made.issued)
    assert event.letter_date is not None
    return domain.Campaign(
        *key,
        kind=event.kind,
        number=event.number,
        letter_date=event.letter_date,
        due_date=event.due_date,
        asks=event.asks,
        pledge=event.pledge,
        document_digest=event.document_digest,
        addressees=tuple(made.addressees),
        created=at,
        updated=at,
    )


def _reported(found: Rooms, key: Id, facts: Any, at: datetime) -> None:
    """An act of one's own: on a campaign, whose id the record has then, or on no other matter than itself."""
    party, matter = key
    answers = key in found.received
    report = _report("" if answers else matter, party, party, matter if answers else "", facts, at)
    if answers:
        found.unnamed.append(report)
        _acted(found, key, report.act, at)
    else:
        found.reports[key] = report
    if report.number:
        found.prevention_numbers[party, "report", report.number] = report.id


def _listed(found: Rooms, key: Id, facts: Any, record: Any, at: datetime) -> None:
    party, matter = key
    units = tuple(each.unit for each in facts.units)
    answered = "" if matter == facts.list else matter
    found.listed[party, facts.list] = lists.PledgeList(
        party,
        facts.list,
        record.request_id,
        answered,
        facts.pledge,
        lists.State.LISTED if facts.size else lists.State.EMPTY,
        at,
        at,
        units_in_total=facts.units_in_total,
        size=facts.size,
        root=facts.root.hex(),
        units=units,
        unit_counts=tuple(each.count for each in facts.units),
        statement=record.statements[0] if facts.size and record.statements else "",
    )
    if facts.size:
        found.reports[party, facts.list] = _list_report(facts.list, party, party, answered, facts, at)
        if answered:
            _acted(found, key, acts.PLEDGE, at)


def _acted(found: Rooms, key: Id, act: str, at: datetime) -> None:
    found.received[key] = replace(domain.acted(found.received[key], act), updated=at)


def _report(id: str, party: str, authority: str, campaign: str, facts: Any, at: datetime) -> domain.Report:
    event: domain.Reported = prevention_wire.event(facts)
    return domain.Report(
        party,
        id,
        authority,
        campaign,
        event.act,
        at,
        event.number,
        event.act_date,
        event.document_digest,
        event.people,
        event.units,
    )


def _list_report(
    id: str, party: str, authority: str, campaign: str, facts: Any, at: datetime
) -> domain.Report:
    return domain.Report(
        party,
        id,
        authority,
        campaign,
        acts.PLEDGE,
        at,
        people=facts.size,
        units=tuple(each.unit for each in facts.units),
        pledge_list=facts.list,
        root=facts.root.hex(),
    )


# What a party took up


def _heard(found: Rooms, party: str, said: Any, at: datetime) -> None:
    facts, key = _facts(said.facts), (party, said.subject)
    answered = said.subject if key in found.issued else ""
    match facts:
        case told.CampaignIssued():
            event = prevention_wire.event(facts)
            found.received[key] = domain.receive(party, said.subject, said.sender, event, said.id, at)
        case told.PreventionReported():
            found.reports[party, said.id] = _report(said.id, party, said.sender, answered, facts, at)
        case told.PledgesListed():
            found.reports[party, said.id] = _list_report(said.id, party, said.sender, answered, facts, at)
        case seen.InformationAnswered():
            event = supervision_wire.event(facts)
            after = indications.hear(found.indicated[key], event, said.sender, said.case_id, said.id)
            found.indicated[key] = replace(after, updated=at)
        case plans_pb2.PlanProposed():
            plan = plans.begin(*key, supervision_wire.event(facts), said.sender, party, at)
            found.planned[key] = replace(plan, heard=said.id)
        case plans_pb2.PlanAgreed():
            agreed = plans.agree(found.planned[key], supervision_wire.event(facts), said.sender, None)
            found.planned[key] = replace(agreed, updated=at, heard=said.id)
        case plans_pb2.PlanNoted():
            event = supervision_wire.event(facts)
            noted = plans.note(found.planned[key], event, said.sender, said.id, None)
            found.planned[key] = replace(noted, updated=at, heard=said.id)


# Rows beside what the trail makes of them

Plain = dict[tuple[str, ...], dict[str, Any]]


def pairs(found: Rooms, rows: Mapping[str, Any]) -> Iterator[tuple[str, Plain, Plain]]:
    """Each table of the rooms: its name, its rows, and what the trail makes of them; `rows` are by table."""
    reports = dict(found.reports) | _named(found, rows["prevention_report"])
    yield _pair("prevention_campaign", domain.Campaign, rows, found.issued)
    yield _pair("prevention_received", domain.Received, rows, found.received)
    yield _pair("prevention_report", domain.Report, rows, reports)
    yield _pair("pledge_list", lists.PledgeList, rows, found.listed, _is_closed, IMPORTED)
    yield _pair("indication", indications.Indication, rows, found.indicated)
    yield _pair("supervision_plan", plans.Plan, rows, found.planned)
    yield _numbers("prevention_number", rows, found.prevention_numbers)
    yield _numbers("supervision_number", rows, found.supervision_numbers)


def _is_closed(row: Any) -> bool:
    return bool(row.state != lists.State.IMPORTING)


def _named(found: Rooms, rows: Any) -> dict[Id, domain.Report]:
    """The acts whose id the trail does not have, under the ids of rows that say all the rest; others keep no id."""
    left = defaultdict(list)
    for row in reversed(rows):
        if (row.party, row.id) not in found.reports:
            left[_says(row)].append(row.id)
    named: dict[Id, domain.Report] = {}
    for place, report in enumerate(found.unnamed):
        ids = left[_says(report)]
        id = ids.pop() if ids else f"{report.campaign} ({place})"
        named[report.party, id] = replace(report, id=id)
    return named


def _pair(
    name: str,
    kind: type[Any],
    rows: Mapping[str, Any],
    found: Mapping[Id, Any],
    counts: Callable[[Any], bool] = lambda row: True,
    but: tuple[str, ...] = (),
) -> tuple[str, Plain, Plain]:
    names = [field.name for field in fields(kind) if field.name not in but]
    kept: Plain = {(row.party, row.id): _plain(row, names) for row in rows[name] if counts(row)}
    return name, kept, {key: _plain(each, names) for key, each in found.items()}


def _numbers(
    name: str, rows: Mapping[str, Any], found: Mapping[tuple[str, str, str], str]
) -> tuple[str, Plain, Plain]:
    """A number whose matter the trail does not have (the id of an act) is compared without it."""
    kept: Plain = {}
    for row in rows[name]:
        key = (row.party, row.kind, row.number)
        kept[key] = {"matter": row.matter if found.get(key, row.matter) else ""}
    return name, kept, {key: {"matter": matter} for key, matter in found.items()}


def _plain(value: Any, names: list[str]) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in names}
    return {name: list(each) if isinstance(each, tuple) else each for name, each in found.items()}


def _says(report: Any) -> tuple[Any, ...]:
    """All that an act says but its id."""
    values = (getattr(report, name) for name in _REPORT_SAYS)
    return tuple(tuple(each) if isinstance(each, list) else each for each in values)


_REPORT_SAYS = [field.name for field in fields(domain.Report) if field.name != "id"]
