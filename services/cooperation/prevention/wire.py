"""Protobuf ↔ the words of prevention, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.message import Message as Message

from agreement.parties import institutions, regions
from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import coverage, domain
from cooperation.prevention.pledges.domain import lists, rows
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1.record_pb2 import Record as Record
from netral.prevention.v1 import events_pb2, pledges_pb2, service_pb2
from refusals import Malformed

LISTED = "netral.personnel_authority.pledges_listed.v1"

_EVENTS: dict[type[Any], type[Message]] = protobuf_mapping.pairs(
    {
        domain.Issued: events_pb2.CampaignIssued,
        domain.Opened: events_pb2.CampaignOpened,
        domain.Reported: events_pb2.PreventionReported,
    }
)
# The edge reads which campaign the act belongs to.
protobuf_mapping.pair(domain.ReportAct, service_pb2.ReportActRequest, leaves_out=("campaign",))
_BY_NAME = {message.DESCRIPTOR.full_name: event for event, message in _EVENTS.items()}


def facts(event: Any) -> Message:
    """An event as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message) -> Any:
    """A message as the event that it is."""
    return protobuf_mapping.to_dataclass(message, _BY_NAME[message.DESCRIPTOR.full_name])


def made(issued: domain.Issued, addressees: tuple[str, ...]) -> Message:
    """The record of a campaign at its sender."""
    return events_pb2.CampaignMade(issued=facts(issued), addressees=addressees)  # type: ignore[arg-type]


def listed(closed: lists.PledgeList) -> Message:
    """Build the statement on a closed list."""
    counts = zip(closed.units, closed.unit_counts, strict=True)
    return events_pb2.PledgesListed(
        list=closed.id,
        size=closed.size,
        root=bytes.fromhex(closed.root),
        units=[events_pb2.UnitCount(unit=unit, count=count) for unit, count in counts],
        units_in_total=closed.units_in_total,
        pledge=closed.pledge,
    )


@dataclass(frozen=True)
class Stated:
    """Statement of an authority on a list; `root` is hex."""

    id: str
    size: int
    root: str
    units: tuple[str, ...]
    counts: tuple[int, ...]
    units_in_total: int


def stated(message: Any) -> Stated:
    """Build the statement on a closed list.

    Raises:
        Malformed: the counts are not those of the size, units are not each once in order, or the root is none.
    """
    units, counts = tuple(each.unit for each in message.units), tuple(each.count for each in message.units)
    if list(units) != sorted(set(units)) or any(count < 1 for count in counts) or sum(counts) != message.size:
        raise Malformed("the counts of the units are not those of the size", field="units")
    if not all(map(rows.is_unit, units)):
        raise Malformed("not the code of a unit", field="units")
    if len(message.root) != 32 or message.size < 1:
        raise Malformed("the root of a list is 32 bytes", field="root")
    return Stated(message.list, message.size, message.root.hex(), units, counts, message.units_in_total)


def erased(id: str) -> Message:
    """The record of an erasure."""
    return events_pb2.PledgesErased(list=id)


def asked_for(id: str, request: pledges_pb2.ProvePledgeRequest) -> Message:
    """The record of a question: which list, for which purpose, and not of whom."""
    return events_pb2.PledgeAskedFor(list=id, purpose=request.purpose)


def issue(request: service_pb2.IssueCampaignRequest) -> domain.IssueCampaign:
    """A request as the command."""
    return protobuf_mapping.to_dataclass(request, domain.IssueCampaign)


def report_act(request: service_pb2.ReportActRequest) -> domain.ReportAct:
    """A request as the command."""
    return protobuf_mapping.to_dataclass(request, domain.ReportAct)


# --- for people ------------------------------------------------------------------------------------------------------


def campaign(row: Any) -> service_pb2.Campaign:
    """A campaign at its sender."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Campaign,
        name=f"institutions/{row.party}/campaigns/{row.id}",
        addressees=len(row.addressees),
        create_time=timestamp(row.created),
    )


def received(row: Any) -> service_pb2.ReceivedCampaign:
    """A campaign at an addressee."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.ReceivedCampaign,
        name=f"institutions/{row.party}/campaigns/{row.id}",
        create_time=timestamp(row.created),
    )


def report(row: Any) -> service_pb2.Report:
    """A reported act."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Report,
        create_time=timestamp(row.created),
        registration=prevention.act(row.act).once,
    )


def pledge_list(found: lists.PledgeList) -> pledges_pb2.PledgeList:
    """A list, without who stands in it."""
    counts = zip(found.units, found.unit_counts, strict=True)
    return pledges_pb2.PledgeList(
        name=f"institutions/{found.party}/pledgeLists/{found.id}",
        state=found.state,
        create_time=timestamp(found.created),
        update_time=timestamp(found.updated),
        campaign=found.campaign,
        size=found.size,
        root=bytes.fromhex(found.root),
        lines=found.lines,
        broken=found.broken,
        units=[events_pb2.UnitCount(unit=unit, count=count) for unit, count in counts],
        units_in_total=found.units_in_total,
        pledge=found.pledge,
    )


def broken_row(line: int, reason: str) -> pledges_pb2.BrokenRow:
    """A row that was not taken."""
    column, message = rows.SAID[rows.Reason(reason)]
    return pledges_pb2.BrokenRow(line=line, reason=reason, column=column, message=message)


def figures(found: coverage.Counted) -> list[service_pb2.CoverageFigure]:
    """Figures with what they count."""
    return [
        service_pb2.CoverageFigure(
            id=id,
            n=figure.n,
            of=figure.of,
            definition_id=coverage.defined(id).indonesian,
            definition_en=coverage.defined(id).english,
        )
        for id, figure in found.figures.items()
    ]


def covered(found: coverage.Coverage, log_index: int, at: datetime | None) -> service_pb2.Coverage:
    """Write the coverage of a campaign, whole and by province."""
    whole, by_region = coverage.count(found), coverage.by_province(found)
    return service_pb2.Coverage(
        log_index=log_index,
        log_time=timestamp(at) if at else None,
        figures=figures(whole),
        pledges=whole.pledges,
        regions=[
            service_pb2.RegionCoverage(
                region=code,
                name=regions.region(code).name if code else "",
                figures=figures(counted),
                pledges=counted.pledges,
            )
            for code, counted in by_region.items()
        ],
    )


def addressee(found: coverage.Standing, asks: tuple[str, ...]) -> service_pb2.Addressee:
    """An addressee with its evidence."""
    units: Mapping[str, int] = found.units
    return service_pb2.Addressee(
        institution=found.addressee,
        name=institutions.institution(found.addressee).name,
        region=coverage.province(found.addressee),
        statement=found.statement,
        told_time=timestamp(found.told) if found.told else None,
        opened=found.opened,
        opened_time=timestamp(found.opened_at) if found.opened_at else None,
        acts=[
            service_pb2.ReportedAct(
                act=act.act,
                statement=act.statement,
                time=timestamp(act.time),
                people=act.people,
                units=act.units,
            )
            for act in found.acts
        ],
        done=coverage.is_done(found, asks),
        units=[service_pb2.UnitPledges(unit=unit, count=units[unit]) for unit in sorted(units)],
        units_in_total=found.units_in_total,
    )
