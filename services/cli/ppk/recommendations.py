"""`netral ppk …`: open, acknowledge, reject, object, decide, follow-up."""

from typing import Annotated, Literal

import typer

from cli.deferred_imports import deferred_imports
from cli.examiner.matters import Impossibility
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

with deferred_imports():
    from netral.kasn.v1 import events_pb2 as examiner_events
    from netral.ppk.v1 import events_pb2
    from netral.ppk.v1 import service_pb2 as pb
    from netral.ppk.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "open": open_recommendation,
        "acknowledge": acknowledge,
        "answer-clarification": answer_clarification,
        "reject": reject,
        "object": object_,
        "decide": decide,
        "follow-up": follow_up,
    }


@desk_command("authority", writes=True)
def answer_clarification(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the answer.")],
    date: Day,
    answer: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")],
) -> None:
    """[rw] Answer the examiner's request for clarification (klarifikasi).

    Example: netral ppk answer-clarification 0199… --as ppk-6202 --number 800/77/BKPSDM --date 2023-11-24 --answer @answer.txt
    """
    request = pb.AnswerClarificationRequest(
        name=context.matter(matter), letter_number=number, letter_date=date_of(date), answer=text_of(answer)
    )
    context.act(stubs.PpkServiceStub, "AnswerClarification", request)


@desk_command("authority", writes=True)
def open_recommendation(context: CommandContext, matter: str) -> None:
    """[rw] Open a recommendation. The examiner is told that an officer has seen it.

    Example: netral ppk open 0199… --as ppk-6202
    """
    context.act(
        stubs.PpkServiceStub, "OpenRecommendation", pb.OpenRecommendationRequest(name=context.matter(matter))
    )


@desk_command("authority", writes=True)
def acknowledge(
    context: CommandContext,
    matter: str,
    register_number: Annotated[str, typer.Option(help="Number in the register of incoming letters.")],
) -> None:
    """[rw] Confirm receipt under the authority's own register number (nomor agenda).

    Example: netral ppk acknowledge 0199… --as ppk-6202 --register-number 800/2301/AGENDA
    """
    request = pb.AcknowledgeRecommendationRequest(
        name=context.matter(matter), register_number=register_number
    )
    context.act(stubs.PpkServiceStub, "AcknowledgeRecommendation", request)


@desk_command("authority", writes=True)
def reject(
    context: CommandContext,
    matter: str,
    reason: Annotated[
        Literal["not-our-employee", "moved-before", "moved"], typer.Option()
    ] = "not-our-employee",
    moved_to: Annotated[str, typer.Option(help="With moved: the new authority, such as ppk-3204.")] = "",
    remarks: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")] = "",
) -> None:
    """[rw] Reject a recommendation: the person is not this authority's (bukan pegawai kami).

    Example: netral ppk reject 0199… --as ppk-3204 --reason not-our-employee
    """
    request = pb.RejectRecommendationRequest(
        name=context.matter(matter),
        reason=enum_of(events_pb2.RejectionReason, "REJECTION_REASON", reason),
        moved_to=moved_to,
        remarks=text_of(remarks),
    )
    context.act(stubs.PpkServiceStub, "RejectRecommendation", request)


@desk_command("authority", writes=True)
def object_(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the objection.")],
    date: Day,
    reasons: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")],
) -> None:
    """[rw] Object to a recommendation (klarifikasi dan tanggapan, sanggahan).

    Example: netral ppk object 0199… --as ppk-6202 --number 800/99/BKPSDM --date 2023-12-01 --reasons @objection.txt
    """
    request = pb.ObjectToRecommendationRequest(
        name=context.matter(matter), letter_number=number, letter_date=date_of(date), reasons=text_of(reasons)
    )
    context.act(stubs.PpkServiceStub, "ObjectToRecommendation", request)


@desk_command("authority", writes=True)
def decide(
    context: CommandContext,
    matter: str,
    decree: Annotated[str, typer.Option(help="Number of the decree (keputusan).")],
    date: Day,
    sanction: Annotated[str, typer.Option(help="Code of the sanction list, such as PP94-8-4-A.")],
) -> None:
    """[rw] Impose a sanction by decree (keputusan).

    Example: netral ppk decide 0199… --as ppk-6202 --decree 800/412/BKPSDM/2023 --date 2023-12-11 --sanction PP94-8-4-A
    """
    request = pb.ImposeSanctionRequest(
        name=context.matter(matter), decree_number=decree, decree_date=date_of(date), sanction=sanction
    )
    context.act(stubs.PpkServiceStub, "ImposeSanction", request)


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
