"""The discipline procedure as an officer of a personnel authority (PPK) types it, from the employee check to an appeal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from cli.acts import Act, ActService
from cli.deferred_imports import deferred_imports
from cli.language import field_name, said
from cli.options import (
    Command,
    CommandContext,
    Commands,
    Day,
    StatedReasonOption,
    date_of,
    day_option,
    desk_command,
    digest_of,
    enum_of,
    text_of,
)
from cli.output import as_dict, day_text, out, print_json, table_of

with deferred_imports():
    from netral.ppk.v1 import discipline_events_pb2 as events
    from netral.ppk.v1 import discipline_service_pb2 as pb
    from netral.ppk.v1 import discipline_service_pb2_grpc as stubs

_Digest = "Only its SHA-256 is kept. Or sha256:<hex>."


def commands() -> Commands:
    """The commands of this module by name."""
    service = ActService("netral.ppk.v1.DisciplineService", pb, stubs, "authority", "ppk", "ppk-6202")
    return service.commands(_ACTS)


@desk_command("authority", writes=True)
def form_team(
    context: CommandContext,
    matter: str,
    decree: Annotated[str, typer.Option(help="Number of the decree that forms the team.")],
    date: Day,
    document: Annotated[str, typer.Option(help=f"The decree. {_Digest}")],
    other_official: Annotated[
        bool, typer.Option("--other-official", help="Another appointed official sits in it too.")
    ] = False,
    members: Annotated[str, typer.Option(help="Kept sealed, not sent. @file, or - for standard input.")] = "",
) -> None:
    """[rw] Form the examination team (tim pemeriksa) of superior, oversight and personnel unit.

    Example: netral ppk form-team 0199… --as ppk-6202 --decree 800/399/TIM --date 2023-11-30 --document sk-tim.pdf
    """
    request = pb.FormTeamRequest(
        name=context.matter(matter),
        decree_number=decree,
        decree_date=date_of(date),
        decree_digest=digest_of(document),
        units=[
            events.TEAM_UNIT_SUPERIOR,
            events.TEAM_UNIT_OVERSIGHT,
            events.TEAM_UNIT_PERSONNEL,
            *([events.TEAM_UNIT_OTHER] if other_official else []),
        ],
        remarks=text_of(members),
    )
    context.act(stubs.DisciplineServiceStub, "FormTeam", request)


@desk_command("authority", writes=True)
def appeal(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the appeal, or of what decided it.")],
    date: Day,
    kind: Annotated[
        Literal["objection", "appeal"] | None, typer.Option(help="To file it: keberatan or banding.")
    ] = None,
    outcome: Annotated[
        Literal["upheld", "changed", "annulled"] | None, typer.Option(help="To record what was decided.")
    ] = None,
    decree: Annotated[str, typer.Option(help="With changed: number of the new decree.")] = "",
    decree_date: Annotated[datetime | None, day_option(help="With changed.")] = None,
    sanction: Annotated[str, typer.Option(help="With changed: code of the sanction list.")] = "",
    stated_reason: StatedReasonOption = "",
) -> None:
    """[rw] Record an appeal against the decree with --kind (keberatan, banding), or its decision with --outcome.

    Example: netral ppk appeal 0199… --as ppk-6202 --kind objection --number 1/KEB --date 2023-12-18
    """
    if (kind is None) == (outcome is None):
        raise typer.BadParameter(said("give either --kind or --outcome"), param_hint="--kind")
    if kind is not None:
        filing = pb.FileAppealRequest(
            name=context.matter(matter),
            kind=enum_of(events.AppealKind, "APPEAL_KIND", kind),
            letter_number=number,
            letter_date=date_of(date),
            stated_reason=text_of(stated_reason),
        )
        context.act(stubs.DisciplineServiceStub, "FileAppeal", filing)
        return
    deciding = pb.DecideAppealRequest(
        name=context.matter(matter),
        outcome=enum_of(events.AppealOutcome, "APPEAL_OUTCOME", outcome or ""),
        letter_number=number,
        letter_date=date_of(date),
        decree_number=decree,
        decree_date=date_of(decree_date) if decree_date else None,
        sanction=sanction,
    )
    context.act(stubs.DisciplineServiceStub, "DecideAppeal", deciding)


@desk_command(usual="authority")
def show_procedure(context: CommandContext, matter: str) -> None:
    """[ro] Show the discipline procedure of a matter: stage and time limits.

    Example: netral ppk show-procedure 0199… --as ppk-6202
    """
    request = pb.GetProceedingRequest(name=context.matter(matter))
    found = context.ask(stubs.DisciplineReadServiceStub, "GetProceeding", request)
    if context.as_json:
        print_json(found)
        return
    facts = table_of("", found.stage)
    for name, value in as_dict(found).items():
        if value and name not in ("name", "stage"):
            facts.add_row(field_name(name), _text(getattr(found, name)))
    out.print(facts)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str | int):
        return str(value)
    return day_text(value) if hasattr(value, "year") else ", ".join(value)


_ACTS: Mapping[str, Act | Command] = {
    "check-employee": Act("CheckEmployee", "--status ours --date 2023-11-30"),
    "form-team": form_team,
    "summon": Act("Summon", "--number 800/401/PGL --date 2023-12-01 --examination-date 2023-12-08"),
    "record-absence": Act("RecordAbsence", "--date 2023-12-08"),
    "examine": Act(
        "RecordExamination",
        "--date 2023-12-08 --minutes bap.pdf --signature refused",
        usual={"signature": "signed", "mode": "in-person"},
    ),
    "conclude": Act(
        "ConcludeExamination",
        "--number 800/405/LHP --date 2023-12-09 --document lhp.pdf",
        options={"report_digest": "document"},
    ),
    "form-council": Act(
        "FormCouncil",
        "--decree 800/12/MKE --date 2023-11-30 --document sk-majelis.pdf --members 3",
        options={"decree_number": "decree", "decree_digest": "document"},
    ),
    "record-defence": Act("RecordDefence", "--date 2023-12-09 --way spoken"),
    "record-council-decision": Act(
        "RecordCouncilDecision",
        "--number 3/MKE/2023 --date 2023-12-10 --document putusan.pdf --sanction-class moral-open",
        options={"decision_digest": "document"},
    ),
    "release-from-duty": Act("ReleaseFromDuty", "--number 800/9 --date 2023-12-08 --start-date 2023-12-08"),
    "correct-decree": Act("CorrectDecree", "--number 800/421/BKPSDM/2023 --date 2023-12-11"),
    "deliver": Act("DeliverDecision", "--date 2023-12-14", usual={"way": "in-person"}),
    "appeal": appeal,
    "show-procedure": show_procedure,
}
