"""`netral examiner …`: accept or return a referral, decide, recommend, answer objections, verify follow-ups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import typer

from cli.acts import Act, ActService
from cli.deferred_imports import deferred_imports
from cli.options import (
    Command,
    CommandContext,
    Commands,
    Day,
    StatedReasonOption,
    code_of,
    date_of,
    day_option,
    desk_command,
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
    service = ActService("netral.kasn.v1.KasnService", pb, stubs, "examiner", "examiner")
    return service.commands(_ACTS)


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
    due_date: Annotated[datetime | None, day_option(help="Default: by the agreement's rule.")] = None,
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


_ACTS: Mapping[str, Act | Command] = {
    "accept": Act(
        "AcceptReferral", "--register-number P-2023-118", options={"register_number": "register-number"}
    ),
    "return-referral": Act("ReturnReferral", "--reason no-study"),
    "assign": Act("AssignMatter", "--office KANREG-VIII"),
    "not-proven": Act(
        "DecideNotProven", "--number K-9/KASN/12/2023 --date 2023-12-01 --reasons @reasons.txt"
    ),
    "recommend": recommend,
    "answer-objection": Act(
        "AnswerObjection",
        "--answer maintain --number B-77/KASN/12/2023 --date 2023-12-05 --reasons @reasons.txt",
    ),
    "verify-follow-up": Act("VerifyFollowUp", "--status conforms --date 2023-12-20"),
}
