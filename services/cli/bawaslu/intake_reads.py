"""`netral bawaslu intake checklist|ls|show|file`: requirements, and intakes as Bawaslu sees them."""

from itertools import islice
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from cli.bawaslu.intake import name_of
from cli.deferred_imports import deferred_imports
from cli.language import field_name, said
from cli.matter.matters import show_entries
from cli.options import CommandContext, Commands, JsonOption, code_of, desk_command, enum_of
from cli.output import as_dict, clock, day_text, facts_table, out, print_json, table_of
from cli.words.election_words import ElectionKind, kind_of

with deferred_imports():
    from google.type import date_pb2

    from agreement.enforcement import intake as intake_rules
    from netral.bawaslu.v1 import intake_events_pb2 as events
    from netral.bawaslu.v1 import intake_pb2 as pb
    from netral.bawaslu.v1 import intake_pb2_grpc as stubs
    from netral.exchange.v1 import person_pb2


Purpose = Annotated[
    Literal["handling", "supervision", "audit", "person-request"],
    typer.Option(help="Why it is read; it stands in the trail."),
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "checklist": checklist,
        "ls": ls,
        "show": show,
        "file": file,
    }


def checklist(
    election: ElectionKind,
    as_json: JsonOption = False,
) -> None:
    """[ro] List the requirements of a report (syarat formal, syarat materiel), each with its source.

    Example: netral bawaslu intake checklist --election pilkada
    """
    found = intake_rules.requirements(kind_of(election)).values()
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    table = table_of("code", "kind", "requirement", "can be mended", "confirmed", "source")
    for each in found:
        mended, read = (said("yes") if flag else said("no") for flag in (each.curable, each.confirmed))
        table.add_row(each.code, each.kind, each.text, mended, read, each.source)
    out.print(table)


@desk_command(usual="supervisor")
def ls(
    context: CommandContext,
    intake_state: Annotated[str, typer.Option("--in-state", help="Only intakes in this state.")] = "",
    office: Annotated[str, typer.Option(help="Only those that this office of Bawaslu has: Kab/27.09.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List reports, findings and first information, oldest first. No personal data.

    Example: netral bawaslu intake ls --in-state COMPLETION_REQUESTED
    """
    request = pb.ListIntakesRequest(
        parent=context.parent, page_size=min(limit, 1000), state=code_of(intake_state), office=office
    )
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


@desk_command(usual="supervisor")
def show(context: CommandContext, intake: str) -> None:
    """[ro] Show one report, finding or first information. Personal data are in `netral bawaslu intake file`.

    Example: netral bawaslu intake show 0199…
    """
    request = pb.GetIntakeRequest(name=name_of(context, intake))
    found = context.ask(stubs.IntakeReadServiceStub, "GetIntake", request)
    if context.as_json:
        print_json(found)
        return
    facts = facts_table()
    for field in pb.Intake.DESCRIPTOR.fields:
        for text in _texts(found, field):
            facts.add_row(field_name(field.name), text)
    out.print(facts)


@desk_command("supervisor", writes=True)
def file(
    context: CommandContext,
    intake: str,
    purpose: Purpose,
    reporter: Annotated[bool, typer.Option("--reporter", help="Who told it, instead of what.")] = False,
) -> None:
    """[rw] Open the text of a report (with --reporter, the reporter). The reading is recorded first.

    Example: netral bawaslu intake file 0199… --purpose handling
    """
    kind, method = (
        (pb.ReadReporterRequest, "ReadReporter") if reporter else (pb.ReadIntakeFileRequest, "ReadIntakeFile")
    )
    request = kind(
        name=name_of(context, intake),
        request_id=context.request_id or str(uuid4()),
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
    )
    found = context.ask(stubs.IntakeServiceStub, method, request)
    if context.as_json:
        print_json(found)
        return
    show_entries(found.entries)
    out.print(said("This reading is record {record}.", record=found.record))


def _texts(found: "pb.Intake", field: Any) -> list[str]:
    """A field for people: a line for each value, dates in ISO form; nothing for what is unset."""
    if field.name == "clarifications":
        return [
            f"{each.invitation_number} {day_text(each.session_date)} "
            f"{word_of(events.Invited, each.whom)} {word_of(events.Attendance, each.outcome) or said('to come')}"
            for each in found.clarifications
        ]
    if field.name == "running_clock":
        running = found.running_clock
        doubt = "" if running.confirmed else said(" (rule not confirmed)")
        since, until = day_text(running.start_date), day_text(running.due_date)
        return (
            [
                said(
                    "{rule} since {since}, until {until}{doubt}",
                    rule=running.rule,
                    since=since,
                    until=until,
                    doubt=doubt,
                )
            ]
            if running.rule
            else []
        )
    value = getattr(found, field.name)
    if field.is_repeated and field.enum_type is not None:
        prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
        return [field.enum_type.values_by_number[each].name.removeprefix(prefix) for each in value]
    if field.is_repeated:
        return list(value)
    if isinstance(value, date_pb2.Date):
        return [day_text(value)] if value.year else []
    if field.message_type is not None:
        return [clock(value)]
    if field.enum_type is not None:
        return [word_of(events.Election, value)] if value else []
    if isinstance(value, bytes):
        return [f"sha256:{value.hex()}"] if value else []
    return [value] if value else []


def word_of(enum: Any, value: int) -> str:
    """A value of a closed list for people: its name without the prefix; nothing for the unspecified one."""
    return str(enum.Name(value)).partition("_")[2] if value else ""
