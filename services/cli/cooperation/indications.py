"""`netral indication …`: indications that an authority's internal team records, settles or passes on."""

from itertools import islice
from typing import Annotated, Literal
from uuid import uuid4

import typer

from cli import agreement_words
from cli.bawaslu.matters import person_of
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.matter.matters import show_entries
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
from cli.output import as_dict, clock, day_text, out, print_json, table_of
from cli.words.election_words import ElectionKind, kind_of

with deferred_imports():
    from agreement.prevention import supervision
    from netral.bawaslu.v1 import intake_events_pb2 as events
    from netral.exchange.v1 import person_pb2
    from netral.supervision.v1 import indications_pb2 as pb
    from netral.supervision.v1 import indications_pb2_grpc as indications_stubs


IndicationId = Annotated[str, typer.Argument(metavar="INDICATION", help="Id of the indication.")]
Team = Annotated[
    str, typer.Option(help="Number of the decree of the internal team, as `satgas register` told it.")
]
Channel = Annotated[str, typer.Option(help=f"Where it was seen: {agreement_words.INDICATION_CHANNELS}.")]
Guidance = Annotated[str, typer.Option(help=f"One of {agreement_words.GUIDANCES}.")]
Remarks = Annotated[str, typer.Option(help="For the file; @file, or - for standard input.")]
Minutes = Annotated[str, typer.Option(help="The minutes, or sha256:<digest>; only their digest is kept.")]
Links = Annotated[list[str] | None, typer.Option("--link", help="Where it can be seen; again for more.")]
Materials = Annotated[
    list[str] | None,
    typer.Option(
        "--material", help="What was seen at that link: a file or sha256:<digest>; only its digest is kept."
    ),
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "record": record,
        "settle": settle,
        "pass": pass_,
        "ls": ls,
        "show": show,
        "file": file,
    }


# --- an authority's team ---------------------------------------------------------------------------------------------


@desk_command("authority", writes=True)
def record(
    context: CommandContext,
    team: Team,
    act: Annotated[str, typer.Option(help="Code of the violation catalogue, such as 2022-DSB7.")],
    channel: Channel,
    region: Annotated[str, typer.Option(help="Where: Kemendagri code, such as 62.02.")],
    seen: Day,
    link: Links = None,
    material: Materials = None,
    person: Annotated[str, typer.Option(help="Who, if known: a file with a person in JSON.")] = "",
    remarks: Remarks = "",
) -> None:
    """[rw] Record a first indication (indikasi awal). Links and person are kept encrypted.

    Example: netral indication record --as ppk-6202 --team 188.45/77/HUK/2023 --act 2022-DSB7 --channel social-media
    --region 62.02 --seen 2023-11-10 --link https://… --material shot.png
    """
    links, materials = link or [], material or []
    if len(links) != len(materials):
        raise typer.BadParameter(
            said("each link has its material, in the same order"), param_hint="--material"
        )
    seen_there = zip(links, materials, strict=True)
    request = pb.RecordIndicationRequest(
        parent=context.parent,
        team_number=team,
        act=act,
        channel=code_of(channel),
        region=region,
        seen_date=date_of(seen),
        material=[pb.Material(link=where, digest=digest_of(what)) for where, what in seen_there],
        person=person_of(person) if person else None,
        remarks=text_of(remarks),
    )
    context.act(indications_stubs.IndicationServiceStub, "RecordIndication", request)


@desk_command("authority", writes=True)
def settle(
    context: CommandContext,
    indication: IndicationId,
    guidance: Guidance,
    date: Day,
    minutes: Minutes,
    remarks: Remarks = "",
) -> None:
    """[rw] Settle an indication by guidance (pembinaan). It stays at the authority.

    Example: netral indication settle 0199… --as ppk-6202 --guidance counselled --date 2023-11-12 --minutes ba.pdf
    """
    request = pb.SettleIndicationRequest(
        name=_name(context, indication),
        guidance=code_of(guidance),
        settled_date=date_of(date),
        minutes_digest=digest_of(minutes),
        remarks=text_of(remarks),
    )
    context.act(indications_stubs.IndicationServiceStub, "SettleIndication", request)


@desk_command("authority", writes=True)
def pass_(
    context: CommandContext,
    indication: IndicationId,
    letter: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
    election: ElectionKind,
    office: Annotated[
        str, typer.Option(help="Bawaslu's office: level and its own area code, such as Kab/27.09.")
    ],
    remarks: Remarks = "",
) -> None:
    """[rw] Pass an indication to Bawaslu as first information (informasi awal).

    Example: netral indication pass 0199… --as ppk-6202 --letter 700/12/REGU --date 2023-11-11 --election pemilu
    --office Kab/27.09
    """
    request = pb.PassIndicationRequest(
        name=_name(context, indication),
        letter_number=letter,
        letter_date=date_of(date),
        election=enum_of(events.Election, "ELECTION", kind_of(election)),
        office=office,
        remarks=text_of(remarks),
    )
    context.act(indications_stubs.IndicationServiceStub, "PassIndication", request)


@desk_command(usual="authority")
def ls(
    context: CommandContext,
    in_state: Annotated[str, typer.Option("--in-state", help="Only: recorded, settled, passed.")] = "",
    stage: Annotated[str, typer.Option(help=f"Only where Bawaslu told last: {agreement_words.STAGES}.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the indications of an authority, oldest first, each with its stage at Bawaslu. No personal data.

    Example: netral indication ls --as ppk-6202 --in-state passed
    """
    request = pb.ListIndicationsRequest(
        parent=context.parent, page_size=min(limit, 1000), state=code_of(in_state), stage=code_of(stage)
    )
    pages = context.desks.pages(
        indications_stubs.IndicationReadServiceStub, "ListIndications", request, context.caller()
    )
    found = list(islice((one for page in pages for one in page.indications), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("id", "state", "act", "channel", "region", "seen", "told last", "changed (WIB)")
    for one in found:
        id, seen = one.name.rpartition("/")[2], day_text(one.seen_date)
        table.add_row(
            id, one.state, one.act, one.channel, one.region, seen, one.stage, clock(one.update_time)
        )
    out.print(table)


@desk_command(usual="authority")
def show(context: CommandContext, indication: IndicationId) -> None:
    """[ro] Show one indication, and every stage that Bawaslu told, with its statement. No personal data.

    Example: netral indication show 0199… --as ppk-6202
    """
    request = pb.GetIndicationRequest(name=_name(context, indication))
    found = context.ask(indications_stubs.IndicationReadServiceStub, "GetIndication", request)
    if context.as_json:
        print_json(found)
        return
    out.print(
        said(
            "{state}: {act}, {channel}, {region}, seen {seen_date}",
            state=found.state,
            act=found.act,
            channel=found.channel,
            region=found.region,
            seen_date=day_text(found.seen_date),
        )
    )
    if found.statement:
        out.print(
            said(
                "passed on {letter_date} by {letter_number}, statement {statement}",
                letter_date=day_text(found.letter_date),
                letter_number=found.letter_number,
                statement=found.statement,
            )
        )
    table = table_of("stage", "day", "number", "reason", "person", "matter", "statement")
    for one in found.stages:
        place = one.place or None
        day, told = day_text(one.stage_date), supervision.stages()[one.stage].text
        table.add_row(f"{one.stage} ({told})", day, one.number, one.reason, place, one.matter, one.statement)
    out.print(table)


@desk_command("authority", writes=True)
def file(
    context: CommandContext,
    indication: IndicationId,
    purpose: Annotated[
        Literal["handling", "supervision", "audit", "person-request"],
        typer.Option(help="Why it is read; it stands in the trail."),
    ],
) -> None:
    """[rw] Open links, remarks and person of an indication. The reading is recorded first.

    Example: netral indication file 0199… --as ppk-6202 --purpose handling
    """
    request = pb.ReadIndicationFileRequest(
        name=_name(context, indication),
        request_id=context.request_id or str(uuid4()),
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
    )
    found = context.ask(indications_stubs.IndicationServiceStub, "ReadIndicationFile", request)
    if context.as_json:
        print_json(found)
        return
    show_entries(found.entries)
    out.print(said("This reading is record {record}.", record=found.record))


# --- what rises ------------------------------------------------------------------------------------------------------


def _name(context: CommandContext, indication: str) -> str:
    return f"{context.parent}/indications/{indication}"
