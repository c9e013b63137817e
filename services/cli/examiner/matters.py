"""`netral examiner …`: accept or return a referral, decide, recommend, answer objections, verify follow-ups."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from cli.deferred_imports import deferred_imports
from cli.options import (
    CommandContext,
    Commands,
    Day,
    StatedReasonOption,
    code_of,
    date_of,
    desk_command,
    enum_of,
    text_of,
)

with deferred_imports():
    from netral.kasn.v1 import events_pb2
    from netral.kasn.v1 import service_pb2 as pb
    from netral.kasn.v1 import service_pb2_grpc as stubs

SanctionClass = Literal[
    "moral-closed",
    "moral-open",
    "discipline-light",
    "discipline-medium",
    "discipline-severe",
    "dismissal",
]
Impossibility = Literal["died", "retired", "resigned", "dismissed", "moved", "court-decision"]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "accept": accept,
        "return-referral": return_referral,
        "not-proven": not_proven,
        "recommend": recommend,
        "answer-objection": answer_objection,
        "verify-follow-up": verify_follow_up,
    }


@desk_command("examiner", writes=True)
def accept(
    context: CommandContext,
    matter: str,
    register_number: Annotated[str, typer.Option(help="The examiner's own number.")],
) -> None:
    """[rw] Accept a referral and examine it.

    Example: netral examiner accept 0199… --register-number P-2023-118
    """
    request = pb.AcceptReferralRequest(name=context.matter(matter), register_number=register_number)
    context.act(stubs.KasnServiceStub, "AcceptReferral", request)


@desk_command("examiner", writes=True)
def return_referral(
    context: CommandContext,
    matter: str,
    reason: Annotated[
        Literal["no-study", "identity-incomplete", "not-asn", "evidence-incomplete"], typer.Option()
    ],
    remarks: Annotated[
        str, typer.Option(help="For Bawaslu; sent sealed. @file, or - for standard input.")
    ] = "",
) -> None:
    """[rw] Return a referral to Bawaslu (dikembalikan).

    Example: netral examiner return-referral 0199… --reason no-study
    """
    request = pb.ReturnReferralRequest(
        name=context.matter(matter),
        reason=enum_of(events_pb2.ReturnReason, "RETURN_REASON", reason),
        remarks=text_of(remarks),
    )
    context.act(stubs.KasnServiceStub, "ReturnReferral", request)


@desk_command("examiner", writes=True)
def not_proven(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the decision.")],
    date: Day,
    reasons: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")],
) -> None:
    """[rw] Decide that nothing is proven (tidak terbukti). This ends the matter.

    Example: netral examiner not-proven 0199… --number K-9/KASN/12/2023 --date 2023-12-01 --reasons @reasons.txt
    """
    request = pb.DecideNotProvenRequest(
        name=context.matter(matter),
        decision_number=number,
        decision_date=date_of(date),
        reasons=text_of(reasons),
    )
    context.act(stubs.KasnServiceStub, "DecideNotProven", request)


@desk_command("examiner", writes=True)
def recommend(
    context: CommandContext,
    matter: str,
    to: Annotated[str, typer.Option(help="The personnel authority, such as ppk-6202.")],
    number: Annotated[str, typer.Option(help="Number of the letter, such as R-4012/KASN/11/2023.")],
    date: Day,
    act: Annotated[str, typer.Option(help="The act: code of the catalogue, such as 2022-DSB7.")],
    sanction_class: Annotated[SanctionClass, typer.Option(help="The recommended class.")],
    reasons: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")],
    due_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: by the agreement's rule.")
    ] = None,
    due_rule: Annotated[
        str, typer.Option(help="A rule for recommendations: see `netral deadline rules`.")
    ] = "",
    family: Annotated[Literal["ethics", "discipline"], typer.Option()] = "discipline",
    repetition: Annotated[
        bool,
        typer.Option(
            "--repetition", help="The person was recommended on before: see `netral examiner find-earlier`."
        ),
    ] = False,
    stated_reason: StatedReasonOption = "",
) -> None:
    """[rw] Recommend a sanction (rekomendasi). After a rejection: re-address it to another authority.

    Example: netral examiner recommend 0199… --to ppk-6202 --number R-4012/KASN/11/2023 --date 2023-11-28 --act 2022-DSB7
    --sanction-class discipline-severe --reasons @reasons.txt
    """
    request = pb.RecommendRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        addressee=to,
        act=act,
        family=family.upper(),
        sanction_class=code_of(sanction_class),
        due_date=date_of(due_date) if due_date else None,
        due_rule=due_rule,
        reasons=text_of(reasons),
        stated_reason=text_of(stated_reason),
        reason_codes=[events_pb2.RECOMMENDATION_REASON_REPETITION] if repetition else [],
    )
    context.act(stubs.KasnServiceStub, "Recommend", request)


@desk_command("examiner", writes=True)
def answer_objection(
    context: CommandContext,
    matter: str,
    answer: Annotated[Literal["maintain", "withdraw"], typer.Option()],
    number: Annotated[str, typer.Option(help="Number of the answer.")],
    date: Day,
    reasons: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")],
) -> None:
    """[rw] Answer an objection (sanggahan): maintain the recommendation or withdraw it.

    Example: netral examiner answer-objection 0199… --answer maintain --number B-77/KASN/12/2023 --date 2023-12-05
    --reasons @reasons.txt
    """
    request = pb.AnswerObjectionRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        answer=enum_of(pb.ObjectionAnswer, "OBJECTION_ANSWER", answer),
        reasons=text_of(reasons),
    )
    context.act(stubs.KasnServiceStub, "AnswerObjection", request)


@desk_command("examiner", writes=True)
def verify_follow_up(
    context: CommandContext,
    matter: str,
    status: Annotated[
        Literal["conforms", "not-yet-conforms", "not-yet-followed-up", "cannot-be-followed-up"],
        typer.Option(help="Sesuai, belum sesuai, belum ditindaklanjuti, tidak dapat ditindaklanjuti."),
    ],
    date: Day,
    reason: Annotated[Impossibility | None, typer.Option(help="With cannot-be-followed-up only.")] = None,
    remarks: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")] = "",
    stated_reason: StatedReasonOption = "",
) -> None:
    """[rw] Verify the follow-up with one of the four statuses. (`netral audit verify` checks logs.)

    Example: netral examiner verify-follow-up 0199… --status conforms --date 2023-12-20
    """
    request = pb.VerifyFollowUpRequest(
        name=context.matter(matter),
        status=enum_of(events_pb2.VerificationStatus, "VERIFICATION_STATUS", status),
        reason=enum_of(events_pb2.ImpossibilityReason, "IMPOSSIBILITY_REASON", reason or "unspecified"),
        verified_date=date_of(date),
        remarks=text_of(remarks),
        stated_reason=text_of(stated_reason),
    )
    context.act(stubs.KasnServiceStub, "VerifyFollowUp", request)
