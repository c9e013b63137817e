"""`netral examiner …`: completion, clarification, conflict of interest, letters, correction, withdrawal, earlier matters."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.acts import Act, ActService
from cli.deferred_imports import deferred_imports
from cli.examiner.matters import SanctionClass
from cli.files import reader
from cli.language import said
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
    digest_of,
    enum_of,
    text_of,
)
from cli.output import as_dict, day_text, out, print_json, table_of

with deferred_imports():
    from google.protobuf import json_format

    from netral.kasn.v1 import events_pb2
    from netral.kasn.v1 import service_pb2 as pb
    from netral.kasn.v1 import service_pb2_grpc as stubs


class Missing(StrEnum):
    """Parts that a referral can lack; a list of literals is beyond typer."""

    POST = "post"
    GRADE = "grade"
    IDENTITY = "identity"
    STUDY = "study"
    EVIDENCE = "evidence"


_SEALED = "Sent sealed. @file, or - for standard input."
_KEPT = "Kept in the file. @file, or - for standard input."
_LETTER = '[{"matter": "0199…", "act": "2022-DSB7", "family": "DISCIPLINE", "sanction_class": "DISCIPLINE_SEVERE", "reasons": "…"}]'


def commands() -> Commands:
    """The commands of this module by name."""
    service = ActService("netral.kasn.v1.KasnService", pb, stubs, "examiner", "examiner")
    return service.commands(_ACTS)


@desk_command("examiner", writes=True)
def request_completion(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
    missing: Annotated[list[Missing], typer.Option(help="Repeatable.")],
    remarks: Annotated[str, typer.Option(help=_SEALED)] = "",
) -> None:
    """[rw] Ask Bawaslu to complete a referral (permintaan kelengkapan).

    Example: netral examiner request-completion 0199… --number B-31/KASN/11/2023 --date 2023-11-21 --missing grade --missing evidence
    """
    request = pb.RequestCompletionRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        missing=[enum_of(events_pb2.CompletionItem, "COMPLETION_ITEM", each) for each in missing],
        remarks=text_of(remarks),
    )
    context.act(stubs.KasnServiceStub, "RequestCompletion", request)


@desk_command("examiner", writes=True)
def clarify_person(
    context: CommandContext,
    matter: str,
    held: Day,
    minutes: Annotated[
        str, typer.Option(help="The minutes; only their SHA-256 is kept. Without: the person was absent.")
    ] = "",
    remarks: Annotated[str, typer.Option(help=_KEPT)] = "",
) -> None:
    """[rw] Record a clarification with the person, or that the person did not come.

    Example: netral examiner clarify-person 0199… --held 2023-11-24 --minutes minutes.pdf
    """
    request = pb.RecordClarificationRequest(
        name=context.matter(matter),
        held_date=date_of(held),
        attendance=enum_of(events_pb2.Attendance, "ATTENDANCE", "attended" if minutes else "absent"),
        minutes_digest=digest_of(minutes) if minutes else b"",
        remarks=text_of(remarks),
    )
    context.act(stubs.KasnServiceStub, "RecordClarification", request)


@desk_command("examiner", writes=True)
def recommend_letter(
    context: CommandContext,
    items: Annotated[Path, typer.Argument(help=f"The matters of the letter as JSON: {_LETTER}")],
    to: Annotated[str, typer.Option(help="The personnel authority, such as ppk-6202.")],
    number: Annotated[str, typer.Option(help="Number of the letter, such as R-4012/KASN/11/2023.")],
    date: Day,
    due_date: Annotated[datetime | None, day_option(help="Default: by the agreement's rule.")] = None,
    due_rule: Annotated[
        str, typer.Option(help="A rule for recommendations: see `netral deadline rules`.")
    ] = "",
    stated_reason: StatedReasonOption = "",
) -> None:
    """[rw] Recommend on many matters in one letter, each with its own act and class.

    Example: netral examiner recommend-letter letter.json --to ppk-6202 --number R-4012/KASN/11/2023 --date 2023-11-28
    --due-date 2023-12-12
    """
    request = pb.RecommendLetterRequest(
        stated_reason=text_of(stated_reason),
        parent=context.parent,
        letter_number=number,
        letter_date=date_of(date),
        addressee=to,
        due_date=date_of(due_date) if due_date else None,
        due_rule=due_rule,
        items=_items(context, items),
    )
    context.act(stubs.KasnServiceStub, "RecommendLetter", request)


def _items(context: CommandContext, path: Path) -> "list[pb.LetterItem]":
    """The matters of a letter from JSON; what is wrong with their values is for the desk to say."""
    try:
        entries: list[dict[str, Any]] = json.loads(reader.text_of(path))
        return [
            json_format.ParseDict(entry | {"name": context.matter(entry.pop("matter"))}, pb.LetterItem())
            for entry in entries
        ]
    except (
        ValueError,
        RecursionError,
        KeyError,
        TypeError,
        AttributeError,
        json_format.ParseError,
    ):  # their messages repeat values
        raise typer.BadParameter(
            said("not the matters of a letter in JSON: {LETTER}", LETTER=_LETTER)
        ) from None


@desk_command("examiner", writes=True)
def correct(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the correction.")],
    date: Day,
    act: Annotated[str, typer.Option(help="What is right: the act.")],
    sanction_class: Annotated[SanctionClass, typer.Option(help="The class.")],
    due_date: Day,
    reasons: Annotated[str, typer.Option(help=_SEALED)],
    family: Annotated[Literal["ethics", "discipline"], typer.Option()] = "discipline",
) -> None:
    """[rw] Correct a recommendation (ralat). It keeps its number.

    Example: netral examiner correct 0199… --number R-4020/KASN/11/2023 --date 2023-11-29 --act 2022-DSB7
    --sanction-class discipline-medium --due-date 2023-12-12 --reasons @reasons.txt
    """
    request = pb.CorrectRecommendationRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        act=act,
        family=family.upper(),
        sanction_class=code_of(sanction_class),
        due_date=date_of(due_date),
        reasons=text_of(reasons),
    )
    context.act(stubs.KasnServiceStub, "CorrectRecommendation", request)


@desk_command("examiner", writes=True)
def withdraw(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the withdrawal.")],
    date: Day,
    reason: Annotated[
        Literal["not-addressees-employee", "issued-in-error", "duplicate", "new-evidence", "court-decision"],
        typer.Option(),
    ],
    reasons: Annotated[str, typer.Option(help=_SEALED)],
) -> None:
    """[rw] Withdraw a recommendation (pencabutan). This ends the matter.

    Example: netral examiner withdraw 0199… --number R-4021/KASN/12/2023 --date 2023-12-01 --reason new-evidence --reasons @reasons.txt
    """
    request = pb.WithdrawRecommendationRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        reason=enum_of(events_pb2.WithdrawalReason, "WITHDRAWAL_REASON", reason),
        reasons=text_of(reasons),
    )
    context.act(stubs.KasnServiceStub, "WithdrawRecommendation", request)


@desk_command("examiner", writes=True)
def find_earlier(context: CommandContext, matter: str) -> None:
    """[rw] Find earlier recommendations for the person of a matter. The search is recorded.

    Example: netral examiner find-earlier 0199…
    """
    request = pb.FindEarlierRequest(name=context.matter(matter), request_id=context.new_request_id())
    found = context.ask(stubs.KasnServiceStub, "FindEarlier", request)
    if context.as_json:
        print_json(as_dict(found))
        return
    table = table_of("matter", "recommendation", "date", "act", "class", "state")
    for one in found.earlier:
        id = one.matter.rpartition("/")[2]
        table.add_row(
            id, one.letter_number, day_text(one.letter_date), one.act, one.sanction_class, one.state
        )
    out.print(table)


_ACTS: Mapping[str, Act | Command] = {
    "request-completion": request_completion,
    "clarify": Act(
        "RequestClarification",
        "--to ppk-6202 --number B-32/KASN/11/2023 --date 2023-11-22 --questions @questions.txt",
        options={"addressee": "to"},
    ),
    "clarify-person": clarify_person,
    "declare-conflict": Act(
        "DeclareConflict", "--of ppk-6202 --ground reported-person", options={"institution": "of"}
    ),
    "find-earlier": find_earlier,
    "recommend-letter": recommend_letter,
    "correct": correct,
    "withdraw": withdraw,
}
