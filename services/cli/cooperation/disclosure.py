"""Data and documents on request: who asks and fetches, who holds and grants or refuses."""

import json
import time
from itertools import islice
from typing import Annotated

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.language import field_name, said
from cli.options import CommandContext, Commands, code_of, desk_command, digest_of, enum_of, text_of
from cli.output import as_dict, clock, day_text, err, facts_table, out, party, print_json, table_of

with deferred_imports():
    from google.protobuf import json_format
    from rich import progress as rich_progress

    from netral.disclosure.v1 import events_pb2
    from netral.disclosure.v1 import service_pb2 as pb
    from netral.disclosure.v1 import service_pb2_grpc as stubs
    from netral.exchange.v1 import person_pb2

_LOOK_AGAIN_SECONDS = 0.3


Documents = Annotated[
    list[str] | None, typer.Option("--document", help="A document: file, or sha256:<hex>. May be repeated.")
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "ls": ls,
        "show": show,
        "request": request,
        "grant": grant,
        "refuse": refuse,
        "fetch": fetch,
    }


@desk_command()
def ls(
    context: CommandContext,
    matter: Annotated[str, typer.Option(help="Only those on this matter.")] = "",
    in_state: Annotated[str, typer.Option("--in-state", help="Only those in this state.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the requests that a party made and received, oldest first.

    Example: netral disclosure ls --as bawaslu --in-state REQUESTED
    """
    asked = pb.ListDisclosuresRequest(
        parent=context.parent, page_size=min(limit, 1000), matter_id=matter, state=code_of(in_state)
    )
    pages = context.desks.pages(stubs.DisclosureReadServiceStub, "ListDisclosures", asked, context.caller())
    found = list(islice((one for page in pages for one in page.disclosures), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("id", "state", "data", "asker", "holder", "purpose", "basis", "reason", "changed (WIB)")
    for one in found:
        table.add_row(
            one.name.rpartition("/")[2],
            one.state,
            one.data,
            party(one.asker),
            party(one.holder),
            one.purpose,
            one.legal_basis,
            one.reason,
            clock(one.update_time),
        )
    out.print(table)


@desk_command()
def show(context: CommandContext, disclosure: str) -> None:
    """[ro] Show one disclosure: request, grant, and how far the fetching is.

    Example: netral disclosure show 0199… --as kasn
    """
    found = _get(context, disclosure)
    if context.as_json:
        print_json(found)
        return
    facts = facts_table()
    for field, value in found.ListFields():
        name = field_name(field.name)
        if field.name == "granted_documents":
            for each in value:
                facts.add_row(
                    "document",
                    said(
                        "{value} {kind} {media_type} {size} bytes",
                        value=each.digest.hex(),
                        kind=each.kind,
                        media_type=each.media_type,
                        size=each.size,
                    ),
                )
        elif field.name == "documents":
            facts.add_row("asked for", "\n".join(each.hex() for each in value))
        elif field.name.endswith("_date"):
            facts.add_row(name, day_text(value))
        elif field.name.endswith("_time"):
            facts.add_row(name, clock(value))
        else:
            facts.add_row(name, ", ".join(value) if field.is_repeated else str(value))
    out.print(facts)


@desk_command(writes=True)
def request(
    context: CommandContext,
    matter: str,
    holder: Annotated[str, typer.Option(help="Who is asked, such as bawaslu or ppk-6202.")],
    data: Annotated[str, typer.Option(help=f"One of {agreement_words.DISCLOSED_DATA}.")],
    purpose: Annotated[str, typer.Option(help=f"One of {agreement_words.DISCLOSURE_PURPOSES}.")],
    basis: Annotated[str, typer.Option(help="Legal basis, such as pks-2023/enforcement.")],
    authority: Annotated[str, typer.Option(help="Opaque id of the officer on whose authority it is asked.")],
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help=f"A personnel fact: {agreement_words.PERSONNEL_FACTS}."),
    ] = None,
    document: Documents = None,
    role: Annotated[str, typer.Option(help="In which role, if the party holds several.")] = "",
) -> None:
    """[rw] Request data on a matter from another party (permintaan data). Its policy or an officer decides.

    The statement that it sends has the disclosure's id.

    Example: netral disclosure request 0199… --as kasn --holder bawaslu --data evidence --purpose examination
    --basis pks-2023/enforcement --authority head-1
    """
    asked = pb.RequestDisclosureRequest(
        name=context.matter(matter),
        holder=holder,
        data=data.lower().replace("-", "_"),
        purpose=code_of(purpose),
        legal_basis=basis,
        authority=authority,
        fields=[each.lower().replace("-", "_") for each in field or ()],
        documents=[digest_of(each) for each in document or ()],
        role=role.lower().replace("-", "_"),
    )
    context.act(stubs.DisclosureServiceStub, "RequestDisclosure", asked, about="disclosure")


@desk_command(writes=True)
def grant(
    context: CommandContext,
    disclosure: str,
    facts: Annotated[
        str, typer.Option(help="Facts as JSON, {field: value}: @file, or - for standard input. Personal.")
    ] = "",
    document: Documents = None,
) -> None:
    """[rw] Grant a request as far as the policy allows (dikabulkan).

    Example: netral disclosure grant 0199… --as bkn --facts @facts.json
    """
    given = pb.GrantDisclosureRequest(
        name=_name(context, disclosure),
        facts=_facts(facts),
        documents=[digest_of(each) for each in document or ()],
    )
    context.act(stubs.DisclosureServiceStub, "GrantDisclosure", given, about="disclosure")


@desk_command(writes=True)
def refuse(
    context: CommandContext,
    disclosure: str,
    reason: Annotated[str, typer.Option(help=f"One of {agreement_words.DISCLOSURE_REFUSALS}.")],
    remarks: Annotated[str, typer.Option(help="Prose, @file or -; travels sealed.")] = "",
) -> None:
    """[rw] Refuse a request (ditolak).

    Example: netral disclosure refuse 0199… --as bawaslu --reason purpose-not-covered
    """
    asked = pb.RefuseDisclosureRequest(
        name=_name(context, disclosure),
        reason=enum_of(events_pb2.RefusalReason, "REFUSAL_REASON", reason),
        remarks=text_of(remarks),
    )
    context.act(stubs.DisclosureServiceStub, "RefuseDisclosure", asked, about="disclosure")


@desk_command(writes=True)
def fetch(
    context: CommandContext,
    disclosure: str,
    wait: Annotated[
        float, typer.Option(help="Wait for the documents at most so many seconds; 0: do not.")
    ] = 600,
) -> None:
    """[rw] Fetch the granted documents. The desk goes on over broken links until all are there.

    Example: netral disclosure fetch 0199… --as kasn
    """
    context.act(
        stubs.DisclosureServiceStub,
        "FetchDisclosure",
        pb.FetchDisclosureRequest(name=_name(context, disclosure)),
        about="disclosure",
    )
    if wait and not _arrives(context, disclosure, wait):
        raise typer.Exit(1)


def _arrives(context: CommandContext, disclosure: str, within: float) -> bool:
    """Show how far it is until it is received, it ends otherwise, or the time is over."""
    ends = time.monotonic() + within
    with rich_progress.Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("fetching")
        while True:
            found = _get(context, disclosure)
            total = sum(each.size for each in found.granted_documents)
            progress.update(
                task, total=total, completed=found.bytes_here, description=found.trouble or "fetching"
            )
            if found.state == "RECEIVED":
                return True
            if found.state != "FETCHING" or time.monotonic() > ends:
                err.print(
                    said("not received: {reason}", reason=found.reason or found.trouble or found.state),
                    markup=False,
                )
                return False
            time.sleep(_LOOK_AGAIN_SECONDS)


def _get(context: CommandContext, disclosure: str) -> "pb.Disclosure":
    asked = pb.GetDisclosureRequest(name=_name(context, disclosure))
    found: pb.Disclosure = context.ask(stubs.DisclosureReadServiceStub, "GetDisclosure", asked)
    return found


def _name(context: CommandContext, disclosure: str) -> str:
    return f"{context.parent}/disclosures/{disclosure}"


def _facts(given: str) -> "list[person_pb2.PersonnelFact]":
    """Facts out of a JSON object: never on the command line itself, where they would stay in a history."""
    if not given:
        return []
    if given != "-" and not given.startswith("@"):
        raise typer.BadParameter(said("@file, or - for standard input"), param_hint="--facts")
    try:
        found = json.loads(text_of(given))
        pairs = [{"field": field, "value": value} for field, value in found.items()]
        return list(json_format.ParseDict({"facts": pairs}, person_pb2.PersonalPart()).facts)
    except (ValueError, RecursionError, AttributeError, json_format.ParseError):
        raise typer.BadParameter(said("not a JSON object of texts"), param_hint="--facts") from None
