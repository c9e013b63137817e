"""`netral ppk …`: open, acknowledge, reject, object, decide, follow-up."""

from collections.abc import Mapping
from typing import Annotated, Literal

import typer

from cli.acts import Act, ActService
from cli.deferred_imports import deferred_imports
from cli.examiner.matters import Impossibility
from cli.options import (
    Command,
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

with deferred_imports():
    from netral.kasn.v1 import events_pb2 as examiner_events
    from netral.ppk.v1 import events_pb2
    from netral.ppk.v1 import service_pb2 as pb
    from netral.ppk.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    service = ActService("netral.ppk.v1.PpkService", pb, stubs, "authority", "ppk", "ppk-6202")
    return service.commands(_ACTS)


@desk_command("authority", writes=True)
def follow_up(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the follow-up report.")],
    date: Day,
    kind: Annotated[
        Literal["sanction-imposed", "partial", "cannot-be-followed-up"], typer.Option(help="What was done.")
    ] = "sanction-imposed",
    decree_document: Annotated[
        str,
        typer.Option(
            help="The decree, with sanction-imposed and partial; only its SHA-256 is kept. Or sha256:<hex>."
        ),
    ] = "",
    reason: Annotated[Impossibility | None, typer.Option(help="With cannot-be-followed-up only.")] = None,
    open_measure: Annotated[
        list[str] | None,
        typer.Option(help="With partial: a sanction class that is still open; may be given again."),
    ] = None,
    remarks: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")] = "",
) -> None:
    """[rw] Report the follow-up to the examiner (tindak lanjut).

    Example: netral ppk follow-up 0199… --as ppk-6202 --number 800/415/TL --date 2023-12-12 --decree-document sk.pdf
    """
    request = pb.ReportFollowUpRequest(
        name=context.matter(matter),
        kind=enum_of(events_pb2.FollowUpKind, "FOLLOW_UP_KIND", kind),
        letter_number=number,
        letter_date=date_of(date),
        decree_digest=digest_of(decree_document) if decree_document else b"",
        reason=enum_of(examiner_events.ImpossibilityReason, "IMPOSSIBILITY_REASON", reason or "unspecified"),
        open_measures=[code_of(each) for each in open_measure or ()],
        remarks=text_of(remarks),
    )
    context.act(stubs.PpkServiceStub, "ReportFollowUp", request)


_ACTS: Mapping[str, Act | Command] = {
    "open": Act("OpenRecommendation"),
    "acknowledge": Act(
        "AcknowledgeRecommendation",
        "--register-number 800/2301/AGENDA",
        options={"register_number": "register-number"},
    ),
    "answer-clarification": Act(
        "AnswerClarification", "--number 800/77/BKPSDM --date 2023-11-24 --answer @answer.txt"
    ),
    "reject": Act("RejectRecommendation", "--reason not-our-employee", usual={"reason": "not-our-employee"}),
    "object": Act(
        "ObjectToRecommendation",
        "--number 800/99/BKPSDM --date 2023-12-01 --reasons @objection.txt",
    ),
    "decide": Act(
        "ImposeSanction",
        "--decree 800/412/BKPSDM/2023 --date 2023-12-11 --sanction PP94-8-4-A",
        options={"decree_number": "decree", "council_number": "council-number"},
    ),
    "follow-up": follow_up,
}
