"""Reads matters and their leaves at the desks of a world, for the command line, the demo and whoever else asks over gRPC."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from cooperation.monitoring import explain_due_date
from exchange.reconciliation import matter_timeline
from netral.audit.v1 import service_pb2 as audit
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluReadServiceStub, BawasluServiceStub
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnReadServiceStub, KasnServiceStub
from netral.oversight.v1 import service_pb2 as oversight
from netral.oversight.v1.service_pb2_grpc import OversightReadServiceStub
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.service_pb2_grpc import PpkReadServiceStub, PpkServiceStub
from operations.local.client import SUPERVISOR, Caller, Desks, Refused

Matter = bawaslu.Matter | kasn.Matter | ppk.Matter
"""A matter as a desk tells it."""


@dataclass(frozen=True)
class MattersOfDesk:
    """Contract of one desk on its matters: the requests to get one and to list them, the services that read and write."""

    get: type[bawaslu.GetMatterRequest | kasn.GetMatterRequest | ppk.GetMatterRequest]
    list_: type[bawaslu.ListMattersRequest | kasn.ListMattersRequest | ppk.ListMattersRequest]
    reads: type[BawasluReadServiceStub | KasnReadServiceStub | PpkReadServiceStub]
    writes: type[BawasluServiceStub | KasnServiceStub | PpkServiceStub]


CONTRACTS: Mapping[str, MattersOfDesk] = {
    "bawaslu": MattersOfDesk(
        bawaslu.GetMatterRequest, bawaslu.ListMattersRequest, BawasluReadServiceStub, BawasluServiceStub
    ),
    "kasn": MattersOfDesk(
        kasn.GetMatterRequest, kasn.ListMattersRequest, KasnReadServiceStub, KasnServiceStub
    ),
    "ppk": MattersOfDesk(ppk.GetMatterRequest, ppk.ListMattersRequest, PpkReadServiceStub, PpkServiceStub),
}


def get_matter(desks: Desks, caller: Caller, matter: str) -> Matter:
    """Ask for a matter as the caller's desk sees it."""
    contract = CONTRACTS[desks.desk_of(caller.party)]
    name = f"institutions/{caller.party}/matters/{matter}"
    found: Matter = desks.call(contract.reads, "GetMatter", contract.get(name=name), caller)
    return found


def matters_of_case(desks: Desks, caller: Caller, case: str) -> list[str]:
    """The matters of a case at the caller's desk (ids)."""
    contract = CONTRACTS[desks.desk_of(caller.party)]
    request = contract.list_(parent=f"institutions/{caller.party}", page_size=1000, case_id=case)
    pages = desks.pages(contract.reads, "ListMatters", request, caller)
    return [one.name.rpartition("/")[2] for page in pages for one in page.matters]


def matters_beginning(desks: Desks, caller: Caller, beginning: str) -> list[str]:
    """The matters of the caller's party whose ids begin so: its own, and those that it oversees."""
    parent = f"institutions/{caller.party}"
    contract = CONTRACTS[desks.desk_of(caller.party)]
    own = desks.pages(contract.reads, "ListMatters", contract.list_(parent=parent, page_size=1000), caller)
    found = {one.name.rpartition("/")[2] for page in own for one in page.matters}
    with suppress(Refused):  # a desk without overseers
        request = oversight.ListWatchedMattersRequest(parent=parent, page_size=1000)
        watched = desks.pages(OversightReadServiceStub, "ListWatchedMatters", request, caller)
        found |= {one.name.rpartition("/")[2] for page in watched for one in page.matters}
    return sorted(id for id in found if id.startswith(beginning))


def parties_of(desks: Desks, officer: str, matter: str) -> list[str]:
    """The parties that a matter has been at: supervisor, examiners one after the other, addressees past and present."""
    found = [SUPERVISOR]
    for examiner in desks.examiners or [desks.examiner]:
        with suppress(Refused):
            seen = get_matter(desks, Caller(examiner, officer), matter)
            assert isinstance(seen, kasn.Matter)
            found += [examiner, *seen.former_addressees, *([seen.addressee] if seen.addressee else [])]
    return list(dict.fromkeys(found))


def leaves_of(desks: Desks, caller: Caller, matter: str) -> list[audit.Leaf]:
    """All leaves on a matter in the log of the caller's party."""
    request = audit.ListLeavesRequest(parent=f"institutions/{caller.party}", matter=matter, page_size=1000)
    return [
        leaf for page in desks.pages(AuditServiceStub, "ListLeaves", request, caller) for leaf in page.leaves
    ]


def logs_of(desks: Desks, officer: str, matter: str, parties: list[str]) -> dict[str, list[audit.Leaf]]:
    """The leaves on a matter by party: of these parties, and of those to whom they sent something on it, if their log can be read."""
    logs = {party: leaves_of(desks, Caller(party, officer, "auditor"), matter) for party in parties}
    for party in matter_timeline.recipients(logs) - logs.keys():
        with suppress(Refused):
            logs[party] = leaves_of(desks, Caller(party, officer, "auditor"), matter)
    return logs


def due_date_of(desks: Desks, caller: Caller, matter: str) -> explain_due_date.Reason | None:
    """The reasons for a matter's due date, from the log of the caller's party; None if the log has no recommendation."""
    sent = explain_due_date.recommendation_of(leaves_of(desks, caller, matter))
    return explain_due_date.reason_of(sent) if sent else None
