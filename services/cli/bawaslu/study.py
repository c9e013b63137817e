"""`netral bawaslu intake clarify|extend|conclude`: the study (kajian) of a registered report or finding."""

from typing import Annotated, Literal

import typer

from cli.bawaslu.intake import Letter, Remarks, name_of
from cli.bawaslu.matters import PlenaryOption
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import (
    CommandContext,
    Commands,
    Day,
    OptionalDay,
    code_of,
    date_of,
    desk_command,
    digest_of,
    enum_of,
    text_of,
)

with deferred_imports():
    from netral.bawaslu.v1 import intake_events_pb2 as events
    from netral.bawaslu.v1 import intake_pb2 as pb
    from netral.bawaslu.v1 import intake_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "clarify": clarify,
        "extend": extend,
        "conclude": conclude,
    }


@desk_command("supervisor", writes=True)
def clarify(
    context: CommandContext,
    intake: str,
    invitation: Annotated[str, typer.Option(help="Number of the invitation (undangan).")],
    date: Day,
    session: OptionalDay = None,
    whom: Annotated[Literal["reporter", "reported", "witness", "expert"] | None, typer.Option()] = None,
    matter: Annotated[str, typer.Option(help="Which reported person, by matter.")] = "",
    outcome: Annotated[Literal["held", "absent"] | None, typer.Option(help="Enter what came of it.")] = None,
    minutes: Annotated[str, typer.Option(help="The minutes; only their SHA-256 is kept.")] = "",
) -> None:
    """[rw] Invite to a clarification (klarifikasi). With --outcome: enter the outcome of an invitation on --date.

    Example: netral bawaslu intake clarify 0199… --invitation 7/UND --date 2024-03-09 --session 2024-03-11 --whom witness
    """
    name = name_of(context, intake)
    if outcome:
        request = pb.RecordClarificationRequest(
            name=name,
            invitation_number=invitation,
            outcome=enum_of(events.Attendance, "ATTENDANCE", outcome),
            held_date=date_of(date),
            minutes_digest=digest_of(minutes) if minutes else b"",
        )
        context.act(stubs.IntakeServiceStub, "RecordClarification", request)
        return
    if not whom or not session:
        raise typer.BadParameter(said("an invitation needs --whom and --session"), param_hint="--whom")
    context.act(
        stubs.IntakeServiceStub,
        "InviteToClarification",
        pb.InviteToClarificationRequest(
            name=name,
            invitation_number=invitation,
            invitation_date=date_of(date),
            session_date=date_of(session),
            whom=enum_of(events.Invited, "INVITED", whom),
            matter=matter,
        ),
    )


@desk_command("supervisor", writes=True)
def extend(context: CommandContext, intake: str, letter: Letter, date: Day, remarks: Remarks = "") -> None:
    """[rw] Extend the study for more information (keterangan tambahan).

    Example: netral bawaslu intake extend 0199… --letter 14/PP --date 2024-03-15
    """
    request = pb.ExtendStudyRequest(
        name=name_of(context, intake),
        letter_number=letter,
        letter_date=date_of(date),
        remarks=text_of(remarks),
    )
    context.act(stubs.IntakeServiceStub, "ExtendStudy", request)


@desk_command("supervisor", writes=True)
def conclude(
    context: CommandContext,
    intake: str,
    number: Annotated[str, typer.Option(help="Number of the study (kajian).")],
    date: Day,
    document: Annotated[str, typer.Option(help="The study; only its SHA-256 is kept. Or sha256:<hex>.")],
    route: Annotated[
        list[str] | None, typer.Option(help="Where it goes, such as other-law or crime; repeatable.")
    ] = None,
    suspect: Annotated[
        list[str] | None, typer.Option(help="MATTER=ACT[,ACT]: suspected acts of a person; repeatable.")
    ] = None,
    clear: Annotated[
        list[str] | None, typer.Option(help="A matter that is no violation; repeatable.")
    ] = None,
    plenary: PlenaryOption = "",
) -> None:
    """[rw] Conclude the study (kajian). Matters that are not named are left to `netral bawaslu study`.

    Example: netral bawaslu intake conclude 0199… --number 1/KAJIAN/2024 --date 2024-03-14 --document kajian.pdf
    --route other-law --suspect 0199…=2022-DSB7 --clear 0199…
    """
    conclusions = [pb.MatterConclusion(matter=matter) for matter in clear or []]
    for each in suspect or []:
        matter, _, acts = each.partition("=")
        conclusions.append(pb.MatterConclusion(matter=matter, suspected_acts=acts.split(",")))
    request = pb.ConcludeIntakeRequest(
        name=name_of(context, intake),
        study_number=number,
        study_date=date_of(date),
        study_digest=digest_of(document),
        routes=[code_of(each) for each in route or []],
        conclusions=conclusions,
        plenary_number=plenary,
    )
    context.act(stubs.IntakeServiceStub, "ConcludeIntake", request)
