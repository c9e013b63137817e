"""`netral bawaslu plenary|forward-offence|offence-step`: what a plenary decided, and the criminal track (Sentra Gakkumdu)."""

from typing import Annotated, Literal

import typer

from cli import agreement_words
from cli.bawaslu.supervision import Decided, Minutes, Number
from cli.deferred_imports import deferred_imports
from cli.options import CommandContext, Commands, Day, date_of, desk_command, digest_of, enum_of

with deferred_imports():
    from netral.bawaslu.v1 import events_pb2
    from netral.bawaslu.v1 import service_pb2 as pb
    from netral.bawaslu.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {"plenary": plenary, "forward-offence": forward_offence, "offence-step": offence_step}


@desk_command("supervisor", writes=True)
def plenary(
    context: CommandContext, matter: str, number: Number, date: Day, minutes: Minutes, decided: Decided
) -> None:
    """[rw] Record a plenary (rapat pleno) on a matter, which study and referral may name.

    Example: netral bawaslu plenary 0199… --number 22/BA/IV/2024 --date 2024-03-12 --minutes ba.pdf --decided violation
    """
    request = pb.RecordPlenaryRequest(
        name=context.matter(matter),
        minutes_number=number,
        plenary_date=date_of(date),
        minutes_digest=digest_of(minutes),
        decisions=[enum_of(events_pb2.PlenaryDecision, "PLENARY_DECISION", each) for each in decided],
    )
    context.act(stubs.BawasluServiceStub, "RecordPlenary", request)


@desk_command("supervisor", writes=True)
def forward_offence(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the letter (surat penerusan).")],
    date: Day,
    police_number: Annotated[str, typer.Option(help="Number of the police's report (laporan polisi).")],
    received_date: Day,
    offence: Annotated[list[str], typer.Option(help=f"Repeatable: {agreement_words.OFFENCES}.")],
    minutes: Annotated[
        str, typer.Option(help="Minutes of the centre's discussion; only their SHA-256 is kept.")
    ] = "",
) -> None:
    """[rw] Forward an election offence to the police through Sentra Gakkumdu. Discipline goes on beside it.

    Example: netral bawaslu forward-offence 0199… --number 77/PP.00.02/K.KT-10/11/2024 --date 2024-11-04
    --police-number LP/B/12/XI/2024 --received-date 2024-11-04 --offence UU10-2016-188
    """
    request = pb.ForwardOffenceRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        police_number=police_number,
        received_date=date_of(received_date),
        offences=offence,
        minutes_digest=digest_of(minutes) if minutes else b"",
    )
    context.act(stubs.BawasluServiceStub, "ForwardOffence", request)


@desk_command("supervisor", writes=True)
def offence_step(
    context: CommandContext,
    matter: str,
    step: Annotated[
        Literal[
            "file-submitted", "file-returned", "stopped", "prosecuted", "convicted", "acquitted", "appealed"
        ],
        typer.Option(help="What police, prosecutor or court did."),
    ],
    number: Annotated[str, typer.Option(help="Number of the document that says so.")],
    date: Day,
) -> None:
    """[rw] Enter what police, prosecutor or court did with a forwarded offence.

    Example: netral bawaslu offence-step 0199… --step prosecuted --number B-412/L.3.15/Eku.2/11/2024 --date 2024-11-20
    """
    request = pb.RecordOffenceStepRequest(
        name=context.matter(matter),
        step=enum_of(events_pb2.OffenceStep, "OFFENCE_STEP", step),
        document_number=number,
        step_date=date_of(date),
    )
    context.act(stubs.BawasluServiceStub, "RecordOffenceStep", request)
