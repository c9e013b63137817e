"""`netral bawaslu intake …`: from a report, finding or first information to its registration or rejection."""

from typing import Annotated, Any, Literal

import typer

from cli.bawaslu.matters import person_of
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import (
    CommandContext,
    Commands,
    Day,
    OptionalDay,
    StatedReasonOption,
    code_of,
    date_of,
    desk_command,
    digest_of,
    enum_of,
    text_of,
)
from cli.words.election_words import ElectionKind, kind_of

with deferred_imports():
    from netral.bawaslu.v1 import intake_events_pb2 as events
    from netral.bawaslu.v1 import intake_pb2 as pb
    from netral.bawaslu.v1 import intake_pb2_grpc as stubs

Letter = Annotated[str, typer.Option(help="Number of the letter.")]
Region = Annotated[str, typer.Option(help="Where it happened: Kemendagri code, such as 62.02.")]
Office = Annotated[str, typer.Option(help="Level and Bawaslu's own area code, such as Kab/27.09.")]
Prose = Annotated[str, typer.Option(help="What happened; @file, or - for standard input.")]
Remarks = Annotated[str, typer.Option(help="For the file; @file, or - for standard input.")]
Reporter = Annotated[str, typer.Option(help="Who told it (@file); kept apart, never leaves Bawaslu.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "report": report,
        "information": information,
        "trace": trace,
        "finding": finding,
        "close": close,
        "assess": assess,
        "complete-report": complete,
        "delegate": delegate,
        "register": register,
        "reject": reject,
    }


def name_of(context: CommandContext, intake: str) -> str:
    return f"{context.parent}/intakes/{intake}"


@desk_command("supervisor", writes=True)
def report(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Bawaslu's number, such as 002/LP/PL/Kab/27.09/III/2024.")],
    region: Region,
    event_date: Day,
    known_date: Day,
    received_date: Day,
    description: Prose,
    reporter: Reporter = "",
) -> None:
    """[rw] Receive a report (laporan). Its number tells election and office.

    Example: netral bawaslu intake report --number 002/LP/PL/Kab/27.09/III/2024 --region 62.02 --event-date 2024-03-01
    --known-date 2024-03-04 --received-date 2024-03-06 --description @what.txt --reporter @who.txt
    """
    request = pb.ReceiveReportRequest(
        parent=context.parent,
        number=number,
        region=region,
        event_date=date_of(event_date),
        known_date=date_of(known_date),
        received_date=date_of(received_date),
        reporter=text_of(reporter),
        description=text_of(description),
    )
    context.act(stubs.IntakeServiceStub, "ReceiveReport", request)


@desk_command("supervisor", writes=True)
def information(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Its number in the register (nomor agenda).")],
    election: ElectionKind,
    office: Office,
    region: Region,
    received_date: Day,
    description: Prose,
    team_of: Annotated[
        str, typer.Option(help="The authority whose own team informs, such as ppk-1602.")
    ] = "",
    reporter: Reporter = "",
) -> None:
    """[rw] Receive first information (informasi awal). It comes from somebody who does not report, or from a PPK's own team.

    Example: netral bawaslu intake information --number 17/IA --election pemilu --office Kab/27.09 --region 16.02
    --received-date 2024-03-06 --team-of ppk-1602 --description @what.txt
    """
    request = pb.ReceiveInformationRequest(
        parent=context.parent,
        number=number,
        election=enum_of(events.Election, "ELECTION", kind_of(election)),
        office=office,
        source="PPK_TEAM" if team_of else "PUBLIC",
        authority=team_of,
        region=region,
        received_date=date_of(received_date),
        reporter=text_of(reporter),
        description=text_of(description),
    )
    context.act(stubs.IntakeServiceStub, "ReceiveInformation", request)


@desk_command("supervisor", writes=True)
def trace(context: CommandContext, intake: str, letter: Letter, date: Day) -> None:
    """[rw] Trace first information (penelusuran) under a letter of assignment.

    Example: netral bawaslu intake trace 0199… --letter 5/ST --date 2024-03-07
    """
    request = pb.StartTracingRequest(
        name=name_of(context, intake), letter_number=letter, letter_date=date_of(date)
    )
    context.act(stubs.IntakeServiceStub, "StartTracing", request)


@desk_command("supervisor", writes=True)
def finding(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Bawaslu's number, such as 006/TM/PL/Kab/27.09/IV/2024.")],
    event_date: Day,
    known_date: Day,
    found_date: Day,
    description: Prose,
    of: Annotated[
        str, typer.Option(help="The first information that was traced, or the supervision act (an intake).")
    ] = "",
    region: Annotated[str, typer.Option(help="Where it happened; not with --of.")] = "",
    form: Annotated[str, typer.Option(help="Number of the recorded Form A; not with --of.")] = "",
    stated_reason: StatedReasonOption = "",
) -> None:
    """[rw] Establish a finding (temuan). It comes of first information or a supervision act (--of), or of --region.

    Example: netral bawaslu intake finding --number 006/TM/PL/Kab/27.09/IV/2024 --event-date 2024-03-01
    --known-date 2024-03-07 --found-date 2024-03-09 --description @what.txt --of 0199…
    """
    if bool(of) == bool(region):
        raise typer.BadParameter(said("give either --of or --region"), param_hint="--of")
    what: dict[str, Any] = {
        "number": number,
        "event_date": date_of(event_date),
        "known_date": date_of(known_date),
        "found_date": date_of(found_date),
        "description": text_of(description),
        "stated_reason": text_of(stated_reason),
    }
    if of:
        request = pb.EstablishFindingRequest(name=name_of(context, of), **what)
        context.act(stubs.IntakeServiceStub, "EstablishFinding", request)
    else:
        context.act(
            stubs.IntakeServiceStub,
            "RecordFinding",
            pb.RecordFindingRequest(parent=context.parent, region=region, form_number=form, **what),
        )


@desk_command("supervisor", writes=True)
def close(
    context: CommandContext,
    intake: str,
    reason: Annotated[
        Literal["no-indication", "not-traceable", "already-handled"], typer.Option(help="Of the list.")
    ],
    date: Day,
    remarks: Remarks = "",
) -> None:
    """[rw] Close first information without a finding.

    Example: netral bawaslu intake close 0199… --reason no-indication --date 2024-03-15
    """
    request = pb.CloseInformationRequest(
        name=name_of(context, intake),
        reason=code_of(reason),
        closed_date=date_of(date),
        remarks=text_of(remarks),
    )
    context.act(stubs.IntakeServiceStub, "CloseInformation", request)


@desk_command("supervisor", writes=True)
def assess(
    context: CommandContext,
    intake: str,
    category: Annotated[
        Literal["register", "to-be-completed", "delegate", "do-not-register"],
        typer.Option(help="What the preliminary study says."),
    ],
    date: Day,
    document: Annotated[str, typer.Option(help="The study; only its SHA-256 is kept. Or sha256:<hex>.")],
    missing: Annotated[
        list[str] | None, typer.Option(help="A requirement that is not met, such as M-EVIDENCE; repeatable.")
    ] = None,
    notice: Annotated[str, typer.Option(help="Number of the notice, with to-be-completed.")] = "",
    notice_date: OptionalDay = None,
) -> None:
    """[rw] Enter the preliminary study (kajian awal): requirements not met, and the category.

    Example: netral bawaslu intake assess 0199… --category to-be-completed --date 2024-03-07 --document kajian-awal.pdf
    --missing M-EVIDENCE --notice 3/PB --notice-date 2024-03-07
    """
    request = pb.AssessReportRequest(
        name=name_of(context, intake),
        category="COMPLETE" if category == "to-be-completed" else code_of(category),
        missing=missing or [],
        assessed_date=date_of(date),
        assessment_digest=digest_of(document),
        notice_number=notice,
        notice_date=date_of(notice_date) if notice_date else None,
    )
    context.act(stubs.IntakeServiceStub, "AssessReport", request)


@desk_command("supervisor", writes=True)
def complete(
    context: CommandContext,
    intake: str,
    requirement: Annotated[list[str], typer.Option(help="What is met now, such as M-EVIDENCE; repeatable.")],
    date: Day,
    evidence: Annotated[
        list[str] | None, typer.Option(help="Evidence; only its SHA-256 is kept. Repeatable.")
    ] = None,
    remarks: Remarks = "",
) -> None:
    """[rw] Complete a report (melengkapi). It is assessed again.

    Example: netral bawaslu intake complete-report 0199… --requirement M-EVIDENCE --date 2024-03-08 --evidence video.mp4
    """
    request = pb.CompleteReportRequest(
        name=name_of(context, intake),
        completed=requirement,
        completed_date=date_of(date),
        evidence_digests=[digest_of(each) for each in evidence or []],
        remarks=text_of(remarks),
    )
    context.act(stubs.IntakeServiceStub, "CompleteReport", request)


@desk_command("supervisor", writes=True)
def delegate(context: CommandContext, intake: str, office: Office, letter: Letter, date: Day) -> None:
    """[rw] Delegate to another office of Bawaslu (pelimpahan).

    Example: netral bawaslu intake delegate 0199… --office Kab/14.11 --letter 9/PL --date 2024-03-08
    """
    request = pb.DelegateIntakeRequest(
        name=name_of(context, intake), letter_number=letter, letter_date=date_of(date), office=office
    )
    context.act(stubs.IntakeServiceStub, "DelegateIntake", request)


@desk_command("supervisor", writes=True)
def register(
    context: CommandContext,
    intake: str,
    number: Annotated[str, typer.Option(help="With Reg, such as 002/Reg/LP/PL/Kab/27.09/III/2024.")],
    date: Day,
    person: Annotated[
        list[str], typer.Option(help="EMPLOYER=FILE: who, in JSON, works for whom, such as ppk-6202=a.json.")
    ],
) -> None:
    """[rw] Register a report or finding. Each reported person becomes a matter.

    Example: netral bawaslu intake register 0199… --number 002/Reg/LP/PL/Kab/27.09/III/2024 --date 2024-03-08
    --person ppk-6202=first.json --person ppk-6202=second.json
    """
    request = pb.RegisterIntakeRequest(
        name=name_of(context, intake),
        registration_number=number,
        registered_date=date_of(date),
        persons=[_reported(each) for each in person],
    )
    context.act(stubs.IntakeServiceStub, "RegisterIntake", request)


@desk_command("supervisor", writes=True)
def reject(
    context: CommandContext,
    intake: str,
    reason: Annotated[
        Literal["late", "formal-not-met", "material-not-met"], typer.Option(help="Of the list.")
    ],
    notice: Annotated[str, typer.Option(help="Number of the status notice to the reporter.")],
    date: Day,
    remarks: Remarks = "",
) -> None:
    """[rw] Decline registration (tidak diregistrasi) for a gap that the preliminary study found.

    Example: netral bawaslu intake reject 0199… --reason late --notice 4/PS --date 2024-03-08
    """
    request = pb.DeclineRegistrationRequest(
        name=name_of(context, intake),
        reason=code_of(reason),
        notice_number=notice,
        notice_date=date_of(date),
        remarks=text_of(remarks),
    )
    context.act(stubs.IntakeServiceStub, "DeclineRegistration", request)


def _reported(given: str) -> "pb.ReportedPerson":
    employer, _, where = given.partition("=")
    if not where:
        raise typer.BadParameter(
            said("not EMPLOYER=FILE, such as ppk-6202=person.json"), param_hint="--person"
        )
    return pb.ReportedPerson(employer=employer, person=person_of(where))
