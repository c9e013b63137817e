"""Protobuf ↔ the words of campaigns, and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from google.protobuf.message import Message

from agreement.elections import known
from agreement.parties import institutions, regions
from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import coverage, domain
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from netral.prevention.v1 import events_pb2, service_pb2
from storage.types import FoundRow

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.Issued: events_pb2.CampaignIssued,
        domain.Opened: events_pb2.CampaignOpened,
        domain.Reported: events_pb2.PreventionReported,
    }
)
# The edge reads which campaign the act belongs to.
protobuf_mapping.pair(domain.ReportAct, service_pb2.ReportActRequest, leaves_out=("campaign",))


def made(event: domain.Issued, addressees: tuple[str, ...]) -> Message:
    """The record of a campaign at its sender; of one that was addressed by an election, by which data that was."""
    issued = protobuf_mapping.to_message(event, events_pb2.CampaignIssued)
    record = events_pb2.CampaignMade(issued=issued, addressees=addressees)
    if event.election:
        record.election_version = known.election(event.election).version
        record.elections_digest = bytes.fromhex(known.all_known().digest)
    return record


def campaign(row: FoundRow) -> service_pb2.Campaign:
    """A campaign at its sender."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Campaign,
        name=f"institutions/{row.party}/campaigns/{row.id}",
        addressees=len(row.addressees),
        create_time=timestamp(row.created),
    )


def received(row: FoundRow) -> service_pb2.ReceivedCampaign:
    """A campaign at an addressee."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.ReceivedCampaign,
        name=f"institutions/{row.party}/campaigns/{row.id}",
        create_time=timestamp(row.created),
    )


def report(row: FoundRow) -> service_pb2.Report:
    """A reported act."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Report,
        create_time=timestamp(row.created),
        registration=prevention.act(row.act).once,
    )


def reports(rows: Sequence[FoundRow], token: str) -> service_pb2.ListReportsResponse:
    """A page of reported acts."""
    return service_pb2.ListReportsResponse(reports=map(report, rows), next_page_token=token)


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


def addressee(found: coverage.AddresseeStatus, asks: tuple[str, ...]) -> service_pb2.Addressee:
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
