"""Protobuf ↔ the words of indications, and nothing else."""

from cooperation.supervision.indications import domain
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from host import case_files
from netral.exchange.v1 import person_pb2
from netral.supervision.v1 import events_pb2, indications_pb2
from storage.types import FoundRow

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.Recorded: events_pb2.IndicationRecorded,
        domain.Settled: events_pb2.IndicationSettled,
        domain.Passed: events_pb2.InformationPassed,
        domain.Answered: events_pb2.InformationAnswered,
    }
)
# Of the material only the digests; the links go into the file.
protobuf_mapping.pair(
    domain.RecordIndication,
    indications_pb2.RecordIndicationRequest,
    leaves_out=("material", "material_digests"),
)


def record(request: indications_pb2.RecordIndicationRequest) -> tuple[domain.RecordIndication, bytes]:
    """Read the command to record an indication, and what goes encrypted into the file.

    Raises:
        Malformed: the identifiers of the person, if there is one, cannot be right.
    """
    digests = tuple(each.digest.hex() for each in request.material)
    links = [each.link for each in request.material]
    person = request.person if request.HasField("person") else None
    if person is not None:
        employment = protobuf_mapping.enum_word(
            person.DESCRIPTOR.fields_by_name["employment"], person.employment
        )
        domain.check_person(employment, person.nip, person.nik)
    entry = person_pb2.PersonalPart(person=person, text=request.remarks, links=links)
    command = protobuf_mapping.to_dataclass(request, domain.RecordIndication, material_digests=digests)
    return command, entry.SerializeToString()


def part_to_pass(tx: Transaction, indication: str, remarks: str) -> bytes:
    """The file of an indication, and what is said now, as the personal part of a statement."""
    passed = person_pb2.PersonalPart.FromString(case_files.passed_on(tx, indication))
    passed.text = remarks
    return passed.SerializeToString()


def indication(row: FoundRow) -> indications_pb2.Indication:
    """An indication for people."""
    return protobuf_mapping.to_message(
        row,
        indications_pb2.Indication,
        name=f"institutions/{row.party}/indications/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        stages=[protobuf_mapping.to_message(each, indications_pb2.StageTold) for each in row.answers],
    )
