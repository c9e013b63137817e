"""What a Bawaslu officer types before there is a matter: `netral bawaslu intake …`."""

from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from cli.bawaslu.matters import person_of
from cli.deferred_imports import deferred_imports
from cli.matter.matters import show_entries
from cli.options import (
    CommandContext,
    Commands,
    Day,
    JsonOption,
    date_of,
    desk_command,
    digest_of,
    enum_of,
    text_of,
)
from cli.output import as_dict, clock, day_text, facts_table, out, print_json, table_of

with deferred_imports():
    from google.type import date_pb2

    from agreement.enforcement import intake as agreement
    from netral.bawaslu.v1 import intake_events_pb2 as events
    from netral.bawaslu.v1 import intake_pb2 as pb
    from netral.bawaslu.v1 import intake_pb2_grpc as stubs
    from netral.exchange.v1 import person_pb2

Letter = Annotated[str, typer.Option(help="Number of the letter.")]
Region = Annotated[str, typer.Option(help="Where it happened: Kemendagri code, such as 62.02.")]
Office = Annotated[str, typer.Option(help="Level and Bawaslu's own area code, such as Kab/27.09.")]
Prose = Annotated[str, typer.Option(help="What happened; @file, or - for standard input.")]
Remarks = Annotated[str, typer.Option(help="For the file; @file, or - for standard input.")]
Reporter = Annotated[str, typer.Option(help="Who told it (@file); kept apart, never leaves Bawaslu.")]
Purpose = Annotated[
    Literal["handling", "supervision", "audit", "person-request"],
    typer.Option(help="Why it is read; it stands in the trail."),
]
MaybeDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "report": report,
        "information": information,
        "trace": trace,
        "finding": finding,
        "close": close,
        "assess": assess,
        "complete": complete,
        "delegate": delegate,
        "register": register,
        "reject": reject,
        "clarify": clarify,
        "extend": extend,
        "conclude": conclude,
        "checklist": checklist,
        "ls": ls,
        "show": show,
        "file": file,
    }


def _name(context: CommandContext, intake: str) -> str:
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
    """[rw] Take in a report (laporan). Election and office are those of its number.

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
    election: Annotated[Literal["pemilu", "pilkada"], typer.Option()],
    office: Office,
    region: Region,
    received_date: Day,
    description: Prose,
    team_of: Annotated[
        str, typer.Option(help="The authority whose own team informs, such as ppk-1602.")
    ] = "",
    reporter: Reporter = "",
) -> None:
    """[rw] Take in first information (informasi awal): of somebody who will not report, or of a PPK's own team.

    Example: netral bawaslu intake information --number 17/IA --election pemilu --office Kab/27.09 --region 16.02
    --received-date 2024-03-06 --team-of ppk-1602 --description @what.txt
    """
    request = pb.ReceiveInformationRequest(
        parent=context.parent,
        number=number,
        election=enum_of(events.Election, "ELECTION", election),
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
        name=_name(context, intake), letter_number=letter, letter_date=date_of(date)
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
    of: Annotated[str, typer.Option(help="The first information that was traced (an intake).")] = "",
    region: Annotated[str, typer.Option(help="Where it happened; not with --of.")] = "",
) -> None:
    """[rw] Set a finding (temuan): of first information (--of), or of the office's own supervision (--region).

    Example: netral bawaslu intake finding --number 006/TM/PL/Kab/27.09/IV/2024 --event-date 2024-03-01
    --known-date 2024-03-07 --found-date 2024-03-09 --description @what.txt --of 0199…
    """
    if bool(of) == bool(region):
        raise typer.BadParameter("give either --of or --region", param_hint="--of")
    what: dict[str, Any] = {
        "number": number,
        "event_date": date_of(event_date),
        "known_date": date_of(known_date),
        "found_date": date_of(found_date),
        "description": text_of(description),
    }
    if of:
        request = pb.EstablishFindingRequest(name=_name(context, of), **what)
        context.act(stubs.IntakeServiceStub, "EstablishFinding", request)
    else:
        context.act(
            stubs.IntakeServiceStub,
            "RecordFinding",
            pb.RecordFindingRequest(parent=context.parent, region=region, **what),
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
        name=_name(context, intake), reason=_code(reason), closed_date=date_of(date), remarks=text_of(remarks)
    )
    context.act(stubs.IntakeServiceStub, "CloseInformation", request)


@desk_command("supervisor", writes=True)
def assess(
    context: CommandContext,
    intake: str,
    category: Annotated[
        Literal["register", "complete", "delegate", "do-not-register"],
        typer.Option(help="What the preliminary study says."),
    ],
    date: Day,
    document: Annotated[str, typer.Option(help="The study; only its SHA-256 is kept. Or sha256:<hex>.")],
    missing: Annotated[
        list[str] | None, typer.Option(help="A requirement that is not met, such as M-EVIDENCE; repeatable.")
    ] = None,
    notice: Annotated[str, typer.Option(help="Number of the notice, with complete.")] = "",
    notice_date: MaybeDay = None,
) -> None:
    """[rw] Enter the preliminary study (kajian awal): what is missing, and what follows.

    Example: netral bawaslu intake assess 0199… --category complete --date 2024-03-07 --document kajian-awal.pdf
    --missing M-EVIDENCE --notice 3/PB --notice-date 2024-03-07
    """
    request = pb.AssessReportRequest(
        name=_name(context, intake),
        category=_code(category),
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
    """[rw] The reporter completed the report (melengkapi); it is assessed again.

    Example: netral bawaslu intake complete 0199… --requirement M-EVIDENCE --date 2024-03-08 --evidence video.mp4
    """
    request = pb.CompleteReportRequest(
        name=_name(context, intake),
        completed=requirement,
        completed_date=date_of(date),
        evidence_digests=[digest_of(each) for each in evidence or []],
        remarks=text_of(remarks),
    )
    context.act(stubs.IntakeServiceStub, "CompleteReport", request)


@desk_command("supervisor", writes=True)
def delegate(context: CommandContext, intake: str, office: Office, letter: Letter, date: Day) -> None:
    """[rw] Hand over to another office of Bawaslu (pelimpahan).

    Example: netral bawaslu intake delegate 0199… --office Kab/14.11 --letter 9/PL --date 2024-03-08
    """
    request = pb.DelegateIntakeRequest(
        name=_name(context, intake), letter_number=letter, letter_date=date_of(date), office=office
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
    """[rw] Register: a matter for each reported person.

    Example: netral bawaslu intake register 0199… --number 002/Reg/LP/PL/Kab/27.09/III/2024 --date 2024-03-08
    --person ppk-6202=first.json --person ppk-6202=second.json
    """
    request = pb.RegisterIntakeRequest(
        name=_name(context, intake),
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
    """[rw] Do not register (tidak diregistrasi), for a gap that the preliminary study found.

    Example: netral bawaslu intake reject 0199… --reason late --notice 4/PS --date 2024-03-08
    """
    request = pb.DeclineRegistrationRequest(
        name=_name(context, intake),
        reason=_code(reason),
        notice_number=notice,
        notice_date=date_of(date),
        remarks=text_of(remarks),
    )
    context.act(stubs.IntakeServiceStub, "DeclineRegistration", request)


@desk_command("supervisor", writes=True)
def clarify(
    context: CommandContext,
    intake: str,
    invitation: Annotated[str, typer.Option(help="Number of the invitation (undangan).")],
    date: Day,
    session: MaybeDay = None,
    whom: Annotated[Literal["reporter", "reported", "witness", "expert"] | None, typer.Option()] = None,
    matter: Annotated[str, typer.Option(help="Which reported person, by matter.")] = "",
    outcome: Annotated[Literal["held", "absent"] | None, typer.Option(help="Enter what came of it.")] = None,
    minutes: Annotated[str, typer.Option(help="The minutes; only their SHA-256 is kept.")] = "",
) -> None:
    """[rw] Invite to a clarification (klarifikasi), or with --outcome enter what came of an invitation on --date.

    Example: netral bawaslu intake clarify 0199… --invitation 7/UND --date 2024-03-09 --session 2024-03-11 --whom witness
    """
    name = _name(context, intake)
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
        raise typer.BadParameter("an invitation needs --whom and --session", param_hint="--whom")
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
    """[rw] Take the longer limit of the study, for more information (keterangan tambahan).

    Example: netral bawaslu intake extend 0199… --letter 14/PP --date 2024-03-15
    """
    request = pb.ExtendStudyRequest(
        name=_name(context, intake), letter_number=letter, letter_date=date_of(date), remarks=text_of(remarks)
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
) -> None:
    """[rw] Enter the study (kajian) of the whole. A matter that is not named is left to `netral bawaslu study`.

    Example: netral bawaslu intake conclude 0199… --number 1/KAJIAN/2024 --date 2024-03-14 --document kajian.pdf
    --route other-law --suspect 0199…=2022-DSB7 --clear 0199…
    """
    conclusions = [pb.MatterConclusion(matter=matter) for matter in clear or []]
    for each in suspect or []:
        matter, _, acts = each.partition("=")
        conclusions.append(pb.MatterConclusion(matter=matter, suspected_acts=acts.split(",")))
    request = pb.ConcludeIntakeRequest(
        name=_name(context, intake),
        study_number=number,
        study_date=date_of(date),
        study_digest=digest_of(document),
        routes=[_code(each) for each in route or []],
        conclusions=conclusions,
    )
    context.act(stubs.IntakeServiceStub, "ConcludeIntake", request)


def checklist(
    election: Annotated[Literal["pemilu", "pilkada"], typer.Option(help="The kind of election.")],
    as_json: JsonOption = False,
) -> None:
    """[ro] What a report must have (syarat formal, syarat materiel), with the source of each requirement.

    Example: netral bawaslu intake checklist --election pilkada
    """
    found = agreement.requirements(_code(election)).values()
    if as_json:
        print_json([asdict(each) for each in found])
        return
    table = table_of("code", "kind", "requirement", "can be mended", "confirmed", "source")
    for each in found:
        mended, read = ("yes" if flag else "no" for flag in (each.curable, each.confirmed))
        table.add_row(each.code, each.kind, each.text, mended, read, each.source)
    out.print(table)


@desk_command("supervisor")
def ls(
    context: CommandContext,
    intake_state: Annotated[str, typer.Option("--in-state", help="Only intakes in this state.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] Reports, findings and first information, oldest first. No personal data.

    Example: netral bawaslu intake ls --in-state COMPLETION_REQUESTED
    """
    request = pb.ListIntakesRequest(parent=context.parent, page_size=min(limit, 1000), state=intake_state)
    pages = context.desks.pages(stubs.IntakeReadServiceStub, "ListIntakes", request, context.caller())
    found = list(islice((one for page in pages for one in page.intakes), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "intake", "state", "number", "office", "region", "clock", "until", "changed (WIB)", whole=["intake"]
    )
    for one in found:
        table.add_row(
            one.name.rpartition("/")[2],
            one.state,
            one.registration_number or one.number or one.information_number,
            one.office,
            one.region,
            one.running_clock.rule,
            day_text(one.running_clock.due_date),
            clock(one.update_time),
        )
    out.print(table)


@desk_command("supervisor")
def show(context: CommandContext, intake: str) -> None:
    """[ro] One report, finding or first information. No personal data: that is in `netral bawaslu intake file`.

    Example: netral bawaslu intake show 0199…
    """
    request = pb.GetIntakeRequest(name=_name(context, intake))
    found = context.ask(stubs.IntakeReadServiceStub, "GetIntake", request)
    if context.as_json:
        print_json(found)
        return
    facts = facts_table()
    for field in pb.Intake.DESCRIPTOR.fields:
        for text in _texts(found, field):
            facts.add_row(field.name.replace("_", " "), text)
    out.print(facts)


@desk_command("supervisor", writes=True)
def file(
    context: CommandContext,
    intake: str,
    purpose: Purpose,
    reporter: Annotated[bool, typer.Option("--reporter", help="Who told it, instead of what.")] = False,
) -> None:
    """[rw] What was said (or with --reporter, who said it), opened. The reading is recorded before anything is shown.

    Example: netral bawaslu intake file 0199… --purpose handling
    """
    kind, method = (
        (pb.ReadReporterRequest, "ReadReporter") if reporter else (pb.ReadIntakeFileRequest, "ReadIntakeFile")
    )
    request = kind(
        name=_name(context, intake),
        request_id=context.request_id or str(uuid4()),
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
    )
    found = context.ask(stubs.IntakeServiceStub, method, request)
    if context.as_json:
        print_json(found)
        return
    show_entries(found.entries)
    out.print(f"This reading is record {found.record}.")


def _texts(found: "pb.Intake", field: Any) -> list[str]:
    """A field for people: a line for each value, dates in ISO form; nothing for what is unset."""
    if field.name == "clarifications":
        return [
            f"{each.invitation_number} {day_text(each.session_date)} "
            f"{_word(events.Invited, each.whom)} {_word(events.Attendance, each.outcome) or 'to come'}"
            for each in found.clarifications
        ]
    if field.name == "running_clock":
        running = found.running_clock
        doubt = "" if running.confirmed else " (rule not confirmed)"
        since, until = day_text(running.start_date), day_text(running.due_date)
        return [f"{running.rule} since {since}, until {until}{doubt}"] if running.rule else []
    value = getattr(found, field.name)
    if field.is_repeated:
        return list(value)
    if isinstance(value, date_pb2.Date):
        return [day_text(value)] if value.year else []
    if field.message_type is not None:
        return [clock(value)]
    if field.enum_type is not None:
        return [_word(events.Election, value)] if value else []
    if isinstance(value, bytes):
        return [f"sha256:{value.hex()}"] if value else []
    return [value] if value else []


def _word(enum: Any, value: int) -> str:
    """A value of a closed list for people: its name without the prefix; nothing for the unspecified one."""
    return str(enum.Name(value)).partition("_")[2] if value else ""


def _code(word: str) -> str:
    """A code of the lists for a word on the command line: `not-traceable`."""
    return word.upper().replace("-", "_")


def _reported(given: str) -> "pb.ReportedPerson":
    employer, _, where = given.partition("=")
    if not where:
        raise typer.BadParameter("not EMPLOYER=FILE, such as ppk-6202=person.json", param_hint="--person")
    return pb.ReportedPerson(employer=employer, person=person_of(where))
