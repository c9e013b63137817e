"""Replays campaigns, acts of prevention and lists of pledges.

Every row of these tables comes from records and from statements that were taken up, but for what the trail does not have:

- `pledge_list.read`, `lines`, `prefix`, `broken` and `created`, and a list that is still imported: an import is no business fact
  until the list is closed (`cooperation.prevention.pledges.store`). Entries and tree of a closed list are compared with its root
  (`cooperation.prevention.pledges.replay`).
- the id of an act that an authority reported in answer to a campaign: the record is on the campaign. Such a row is found by
  everything else that it says.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from agreement.prevention import campaigns as acts
from cooperation.prevention.campaigns import domain
from cooperation.prevention.campaigns.domain import Campaign, Received, Report
from cooperation.prevention.campaigns.tables import CampaignRow, PreventionNumber, ReceivedRow, ReportRow
from cooperation.prevention.pledges import wire
from cooperation.prevention.pledges.domain import lists
from cooperation.prevention.pledges.domain.lists import PledgeList
from cooperation.prevention.pledges.tables import PledgeListRow
from exchange.statements import protobuf_mapping
from host.replay import (
    Comparison,
    Id,
    KeptTables,
    Recorded,
    Replay,
    TakenUp,
    Trail,
    compare,
    compare_numbers,
    facts_of,
    values,
)
from netral.exchange.v1.record_pb2 import Record
from netral.prevention.v1 import events_pb2

_IMPORTED = ("read", "lines", "prefix", "broken", "created")
_REPORT_SAYS = [field.name for field in fields(Report) if field.name != "id"]


@dataclass
class _Replayed:
    """Rows by the trail; `unnamed` are acts whose id the trail lacks (their `id` is empty)."""

    issued: dict[Id, Campaign] = field(default_factory=dict)
    received: dict[Id, Received] = field(default_factory=dict)
    reports: dict[Id, Report] = field(default_factory=dict)
    unnamed: list[Report] = field(default_factory=list)
    listed: dict[Id, PledgeList] = field(default_factory=dict)
    numbers: dict[tuple[str, str, str], str] = field(default_factory=dict)


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = _Replayed()
    for act in trail.acts:
        if isinstance(act, Recorded):
            _did(found, act)
        elif isinstance(act, TakenUp):
            _heard(found, act)
    reports = tables.rows(ReportRow)
    closed = [row for row in tables.rows(PledgeListRow) if row.state != lists.State.IMPORTING]
    yield compare(CampaignRow, Campaign, tables.rows(CampaignRow), found.issued)
    yield compare(ReceivedRow, Received, tables.rows(ReceivedRow), found.received)
    yield compare(ReportRow, Report, reports, found.reports | _named(found, reports))
    yield compare(PledgeListRow, PledgeList, closed, found.listed, but=_IMPORTED)
    yield compare_numbers(PreventionNumber, tables.rows(PreventionNumber), found.numbers)


# --- acts of a party ---------------------------------------------------------------------------------------------


def _did(found: _Replayed, act: Recorded) -> None:
    record, key = act.record, (act.party, act.record.matter)
    facts = facts_of(record.facts)
    match facts:
        case events_pb2.CampaignMade():
            event = protobuf_mapping.to_dataclass(facts.issued, domain.Issued)
            found.issued[key] = domain.begin(*key, event, tuple(facts.addressees), act.at)
            found.numbers[act.party, "letter", facts.issued.number] = record.matter
        case events_pb2.CampaignOpened():
            opened = replace(found.received[key], state=domain.State.OPENED, updated=act.at)
            found.received[key] = opened
        case events_pb2.PreventionReported():
            _reported(found, key, facts, act.at)
        case events_pb2.PledgesListed():
            _listed(found, key, facts, record, act.at)
        case events_pb2.PledgesErased():
            found.listed[key] = replace(lists.erase(found.listed[key]), updated=act.at)


def _reported(found: _Replayed, key: Id, facts: events_pb2.PreventionReported, at: datetime) -> None:
    """An act of one's own: on a campaign, whose id the record has then, or on no other matter than itself."""
    party, matter = key
    answers = key in found.received
    event = protobuf_mapping.to_dataclass(facts, domain.Reported)
    id, campaign = ("", matter) if answers else (matter, "")
    report = domain.report_of(event, party, id, party, campaign, at)
    if answers:
        found.unnamed.append(report)
        _acted(found, key, report.act, at)
    else:
        found.reports[key] = report
    if report.number:
        found.numbers[party, "report", report.number] = report.id


def _listed(found: _Replayed, key: Id, facts: events_pb2.PledgesListed, record: Record, at: datetime) -> None:
    party, matter = key
    units = tuple(each.unit for each in facts.units)
    answered = "" if matter == facts.list else matter
    found.listed[party, facts.list] = PledgeList(
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
        found.reports[party, facts.list] = lists.report_of(
            wire.stated(facts), party, facts.list, party, answered, at, facts.read_by
        )
        if answered:
            _acted(found, key, acts.PLEDGE, at)


def _acted(found: _Replayed, key: Id, act: str, at: datetime) -> None:
    found.received[key] = replace(domain.acted(found.received[key], act), updated=at)


# --- statements of others ----------------------------------------------------------------------------------------


def _heard(found: _Replayed, act: TakenUp) -> None:
    said, party = act.statement, act.party
    facts, key = facts_of(said.facts), (party, said.subject)
    answered = said.subject if key in found.issued else ""
    match facts:
        case events_pb2.CampaignIssued():
            event = protobuf_mapping.to_dataclass(facts, domain.Issued)
            found.received[key] = domain.receive(party, said.subject, said.sender, event, said.id, act.at)
        case events_pb2.PreventionReported():
            report = protobuf_mapping.to_dataclass(facts, domain.Reported)
            found.reports[party, said.id] = domain.report_of(
                report, party, said.id, said.sender, answered, act.at
            )
        case events_pb2.PledgesListed():
            found.reports[party, said.id] = lists.report_of(
                wire.stated(facts), party, said.id, said.sender, answered, act.at, facts.read_by
            )


# --- acts without an id ------------------------------------------------------------------------------------------


def _named(found: _Replayed, rows: Sequence[ReportRow]) -> dict[Id, Report]:
    """Give the acts whose id the trail does not have, under the ids of rows that say all the rest; others keep no id."""
    left = defaultdict[str, list[str]](list)
    for row in reversed(rows):
        if (row.party, row.id) not in found.reports:
            left[_says(row)].append(row.id)
    named: dict[Id, Report] = {}
    for place, report in enumerate(found.unnamed):
        ids = left[_says(report)]
        id = ids.pop() if ids else f"{report.campaign} ({place})"
        named[report.party, id] = replace(report, id=id)
    return named


def _says(report: Report | ReportRow) -> str:
    """Give all that an act says but its id, as something to look it up by."""
    return repr(values(report, _REPORT_SAYS))


REPLAY = Replay((CampaignRow, ReceivedRow, ReportRow, PledgeListRow, PreventionNumber), _compare)
