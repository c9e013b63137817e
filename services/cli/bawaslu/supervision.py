"""`netral bawaslu intake supervision|plenary` and `netral bawaslu plenary`: Form A of a supervision act, and what a plenary decided."""

from typing import Annotated

import typer

from cli.bawaslu.intake import Office, Region, name_of
from cli.deferred_imports import deferred_imports
from cli.options import (
    CommandContext,
    Commands,
    Day,
    code_of,
    date_of,
    desk_command,
    digest_of,
    enum_of,
    text_of,
)
from cli.words.election_words import ElectionKind, kind_of

with deferred_imports():
    from netral.bawaslu.v1 import events_pb2
    from netral.bawaslu.v1 import intake_events_pb2 as events
    from netral.bawaslu.v1 import intake_pb2 as pb
    from netral.bawaslu.v1 import intake_pb2_grpc as stubs

Minutes = Annotated[str, typer.Option(help="The minutes; only their SHA-256 is kept. Or sha256:<hex>.")]
Number = Annotated[str, typer.Option(help="Number of the minutes (berita acara).")]
Decided = Annotated[
    list[str],
    typer.Option(
        help="Repeatable: finding, no-finding, registered, not-registered, violation, not-a-violation, "
        "referred, offence-forwarded."
    ),
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {"supervision": supervision, "plenary": plenary}


@desk_command("supervisor", writes=True)
def supervision(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Number of the Form A, such as 012/LHP/PM.01.02/IV/2024.")],
    election: ElectionKind,
    office: Office,
    region: Region,
    date: Day,
    subject: Annotated[
        list[str],
        typer.Option(help="What was supervised: asn-neutrality, campaign, voting … Repeatable."),
    ],
    document: Annotated[str, typer.Option(help="The Form A; only its SHA-256 is kept. Or sha256:<hex>.")],
    description: Annotated[str, typer.Option(help="What was seen; @file, or - for standard input.")],
) -> None:
    """[rw] Record a supervision act by its Form A (laporan hasil pengawasan). `intake finding --of` sets a finding of it.

    Example: netral bawaslu intake supervision --number 012/LHP/PM.01.02/IV/2024 --election pemilu --office Kab/27.09
    --region 62.02 --date 2024-03-07 --subject asn-neutrality --document form-a.pdf --description @seen.txt
    """
    request = pb.RecordSupervisionRequest(
        parent=context.parent,
        number=number,
        election=enum_of(events.Election, "ELECTION", kind_of(election)),
        office=office,
        region=region,
        supervised_date=date_of(date),
        subjects=[code_of(each) for each in subject],
        form_digest=digest_of(document),
        description=text_of(description),
    )
    context.act(stubs.IntakeServiceStub, "RecordSupervision", request)


@desk_command("supervisor", writes=True)
def plenary(
    context: CommandContext, intake: str, number: Number, date: Day, minutes: Minutes, decided: Decided
) -> None:
    """[rw] Record a plenary (rapat pleno) on a report, finding or supervision act.

    Example: netral bawaslu intake plenary 0199… --number 21/BA/IV/2024 --date 2024-03-08 --minutes ba.pdf --decided finding
    """
    request = pb.RecordIntakePlenaryRequest(
        name=name_of(context, intake),
        minutes_number=number,
        plenary_date=date_of(date),
        minutes_digest=digest_of(minutes),
        decisions=[enum_of(events_pb2.PlenaryDecision, "PLENARY_DECISION", each) for each in decided],
    )
    context.act(stubs.IntakeServiceStub, "RecordIntakePlenary", request)
