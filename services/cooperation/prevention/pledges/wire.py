"""Protobuf ↔ the words of pledge lists, and nothing else."""

from dataclasses import dataclass

from google.protobuf.message import Message

from agreement.prevention import campaigns
from cooperation.prevention.campaigns import readings
from cooperation.prevention.campaigns.units import is_unit
from cooperation.prevention.pledges.domain import lists, rows
from exchange.statements.protobuf_time import timestamp
from netral.prevention.v1 import events_pb2, pledges_pb2
from refusals import Malformed, catalogue

LISTED = "netral.personnel_authority.pledges_listed.v1"


def listed(closed: lists.PledgeList, read_by: str) -> Message:
    """Build the statement on a closed list; `read_by` is the post of who read the pledge out, if one did."""
    counts = zip(closed.units, closed.unit_counts, strict=True)
    return events_pb2.PledgesListed(
        list=closed.id,
        size=closed.size,
        root=bytes.fromhex(closed.root),
        units=[events_pb2.UnitCount(unit=unit, count=count) for unit, count in counts],
        units_in_total=closed.units_in_total,
        pledge=closed.pledge,
        pledge_digest=bytes.fromhex(campaigns.pledge(closed.pledge).sha256),
        read_by=read_by,
    )


@dataclass(frozen=True)
class ListStated:
    """Statement of an authority on a list; `root` is hex. `pledge` is empty if its digest was not stated, as before."""

    id: str
    size: int
    root: str
    units: tuple[str, ...]
    counts: tuple[int, ...]
    units_in_total: int
    pledge: str
    read_by: str


def stated(message: events_pb2.PledgesListed) -> ListStated:
    """Build the statement on a closed list.

    Raises:
        Malformed: the counts are not those of the size, units are not each once in order, or root, text or reader is none.
    """
    units, counts = tuple(each.unit for each in message.units), tuple(each.count for each in message.units)
    if list(units) != sorted(set(units)) or any(count < 1 for count in counts) or sum(counts) != message.size:
        raise Malformed("the counts of the units are not those of the size", field="units")
    if not all(map(is_unit, units)):
        raise Malformed("not the code of a unit", field="units")
    readings.require_reading(message.pledge, message.read_by)
    if len(message.root) != 32 or message.size < 1:
        raise Malformed("the root of a list is 32 bytes", field="root")
    return ListStated(
        message.list,
        message.size,
        message.root.hex(),
        units,
        counts,
        message.units_in_total,
        message.pledge if message.pledge_digest else "",
        message.read_by,
    )


def erased(id: str) -> Message:
    """The record of an erasure."""
    return events_pb2.PledgesErased(list=id)


def asked_for(id: str, request: pledges_pb2.ProvePledgeRequest) -> Message:
    """The record of a question: which list, for which purpose, and not of whom."""
    return events_pb2.PledgeAskedFor(list=id, purpose=request.purpose)


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


def broken_row(line: int, reason: str, language: str) -> pledges_pb2.BrokenRow:
    """A row that was not taken, and why in a language."""
    said = rows.SAID[rows.Reason(reason)]
    message = catalogue.render(said, language)
    return pledges_pb2.BrokenRow(line=line, reason=reason, column=said.field or "", message=message)
