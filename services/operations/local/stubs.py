"""Types of the calls that are made through a stub of the desks' contracts."""

from typing import Protocol

from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from netral.ppk.v1.discipline_service_pb2_grpc import DisciplineServiceStub
from netral.ppk.v1.service_pb2_grpc import PpkServiceStub
from netral.prevention.v1.pledges_pb2_grpc import PledgeServiceStub
from netral.prevention.v1.service_pb2_grpc import CampaignServiceStub, PreventionServiceStub
from netral.supervision.v1.indications_pb2_grpc import IndicationServiceStub
from netral.supervision.v1.plans_pb2_grpc import PlanServiceStub

WritingStub = type[
    BawasluServiceStub
    | KasnServiceStub
    | PpkServiceStub
    | DisciplineServiceStub
    | CampaignServiceStub
    | PreventionServiceStub
    | PledgeServiceStub
    | IndicationServiceStub
    | PlanServiceStub
]
"""A service whose calls write, and answer with an act."""


class WritingRequest(Protocol):
    """A request that may be sent again under the same id."""

    request_id: str
