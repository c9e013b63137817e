"""`netral bawaslu …`: report, study, refer, complete, claim silence."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.files import reader
from cli.language import said
from cli.options import CommandContext, Commands, Day, date_of, desk_command, digest_of, enum_of, text_of

with deferred_imports():
    from google.protobuf import json_format

    from netral.bawaslu.v1 import events_pb2
    from netral.bawaslu.v1 import service_pb2 as pb
    from netral.bawaslu.v1 import service_pb2_grpc as stubs
    from netral.exchange.v1 import person_pb2

PlenaryOption = Annotated[str, typer.Option(help="Number of the minutes of the plenary that decided it.")]
PostOption = Annotated[str, typer.Option(help=f"Category of the post, for figures: {agreement_words.POSTS}.")]
_PERSON_EXAMPLE = '{"full_name": "…", "employment": "EMPLOYMENT_PNS", "nip": "…", "position": "…", "grade": "III/a", "unit": "…"}'


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "report": report,
        "study": study,
        "refer": refer,
        "complete-referral": complete,
        "claim-silence": claim_silence,
    }


@desk_command("supervisor", writes=True)
def report(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Bawaslu's number, such as 002/LP/PL/Kab/62.02/XI/2023.")],
    region: Annotated[str, typer.Option(help="Where it happened: Kemendagri code, such as 62.02.")],
    event_date: Day,
    known_date: Day,
    employer: Annotated[str, typer.Option(help="The authority the person works for, such as ppk-6202.")],
    person: Annotated[
        str, typer.Option(help=f"JSON file with the person, or - for standard input: {_PERSON_EXAMPLE}")
    ],
    description: Annotated[str, typer.Option(help="What happened; @file, or - for standard input.")],
    origin: Annotated[Literal["report", "finding"], typer.Option(help="Laporan or temuan.")] = "report",
    reporter: Annotated[str, typer.Option(help="Who reported it (@file); never leaves Bawaslu.")] = "",
    case: Annotated[str, typer.Option(help="Join this case instead of opening one.")] = "",
) -> None:
    """[rw] Register a report or finding on one person (laporan, temuan).

    Example: netral bawaslu report --number 002/LP/PL/Kab/62.02/XI/2023 --region 62.02 --event-date 2023-11-15
    --known-date 2023-11-16 --employer ppk-6202 --person person.json --description @what-happened.txt
    """
    request = pb.RegisterMatterRequest(
        parent=context.parent,
        origin=enum_of(events_pb2.Origin, "ORIGIN", origin),
        number=number,
        region=region,
        event_date=date_of(event_date),
        known_date=date_of(known_date),
        employer=employer,
        person=person_of(person),
        reporter=text_of(reporter),
        description=text_of(description),
        case_id=case,
    )
    context.act(stubs.BawasluServiceStub, "RegisterMatter", request)


@desk_command("supervisor", writes=True)
def study(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the study (kajian).")],
    date: Day,
    conclusion: Annotated[Literal["other-law-violation", "not-a-violation"], typer.Option()],
    document: Annotated[str, typer.Option(help="The study; only its SHA-256 is kept. Or sha256:<hex>.")],
    act: Annotated[list[str] | None, typer.Option(help="Suspected act of the catalogue; repeatable.")] = None,
    plenary: PlenaryOption = "",
) -> None:
    """[rw] Enter the study (kajian) and its conclusion.

    Example: netral bawaslu study 0199… --number 12/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation
    --act 2022-DSB7 --document kajian.pdf
    """
    request = pb.ConcludeStudyRequest(
        name=context.matter(matter),
        study_number=number,
        study_date=date_of(date),
        conclusion=enum_of(events_pb2.Conclusion, "CONCLUSION", conclusion),
        suspected_acts=act or [],
        study_digest=digest_of(document),
        plenary_number=plenary,
    )
    context.act(stubs.BawasluServiceStub, "ConcludeStudy", request)


@desk_command("supervisor", writes=True)
def refer(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the referral letter (surat penerusan).")],
    date: Day,
    evidence: Annotated[list[str], typer.Option(help="Evidence; only its SHA-256 is kept. Repeatable.")],
    post: PostOption = "",
    plenary: PlenaryOption = "",
) -> None:
    """[rw] Refer the matter to the examiner (penerusan).

    Example: netral bawaslu refer 0199… --number 101/PP.00.02/K.KT-10/11/2023 --date 2023-11-20 --evidence photo.jpg
    """
    request = pb.ReferMatterRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        evidence_digests=[digest_of(each) for each in evidence],
        post_category=post,
        plenary_number=plenary,
    )
    context.act(stubs.BawasluServiceStub, "ReferMatter", request)


@desk_command("supervisor", writes=True)
def complete(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
    person: Annotated[
        str, typer.Option(help="The person as it should be: a JSON file, or - for standard input.")
    ] = "",
    study_number: Annotated[
        str, typer.Option(help="Number of the study (kajian), if it was asked for.")
    ] = "",
    document: Annotated[str, typer.Option(help="The study; only its SHA-256 is kept.")] = "",
    evidence: Annotated[
        list[str] | None, typer.Option(help="Evidence; only its SHA-256 is kept. Repeatable.")
    ] = None,
    remarks: Annotated[str, typer.Option(help="Sent sealed. @file, or - for standard input.")] = "",
    post: PostOption = "",
) -> None:
    """[rw] Complete a referral as the examiner asked (kelengkapan).

    Example: netral bawaslu complete-referral 0199… --number 102/PP.00.02/K.KT-10/11/2023 --date 2023-11-23 --person person.json
    """
    request = pb.CompleteReferralRequest(
        name=context.matter(matter),
        letter_number=number,
        letter_date=date_of(date),
        person=person_of(person) if person else None,
        study_number=study_number,
        study_digest=digest_of(document) if document else b"",
        evidence_digests=[digest_of(each) for each in evidence or []],
        remarks=text_of(remarks),
        post_category=post,
    )
    context.act(stubs.BawasluServiceStub, "CompleteReferral", request)


@desk_command("supervisor", writes=True)
def claim_silence(context: CommandContext, matter: str) -> None:
    """[rw] Claim that the examiner is silent on a referral. The claim is signed, and the examiner can refute it.

    Example: netral bawaslu claim-silence 0199…
    """
    request = pb.ClaimSilenceRequest(name=context.matter(matter))
    context.act(stubs.BawasluServiceStub, "ClaimSilence", request)


def person_of(where: str) -> "person_pb2.Person":
    """A person from JSON; what is wrong with its values is for the desk to say."""
    try:
        text = sys.stdin.read() if where == "-" else reader.text_of(Path(where))
        person = json_format.ParseDict(json.loads(text), person_pb2.Person())
    except (ValueError, RecursionError, json_format.ParseError):  # their messages repeat values
        raise typer.BadParameter(
            said("not a person in JSON: {PERSON_EXAMPLE}", PERSON_EXAMPLE=_PERSON_EXAMPLE),
            param_hint="--person",
        ) from None
    # A card and a letter write the number in groups.
    person.nip, person.nik = (re.sub("[ .-]", "", number) for number in (person.nip, person.nik))
    return person
