"""`netral matter …`: matters as a desk sees them, and a matter's timeline from the trail."""

from base64 import b64decode
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer

from cli import act_output, language
from cli.audit.instants import instant_of
from cli.cooperation import erasure
from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Ordinal
from cli.language import field_name, in_session, said
from cli.matter.deadlines import show as show_deadline
from cli.options import CommandContext, Commands, code_of, desk_command, enum_of
from cli.output import ZONES, SafeTable, as_dict, clock, facts_table, out, party, print_json, table_of
from cli.words import election_words

with deferred_imports():
    from cooperation.monitoring import explain_due_date
    from exchange.reconciliation import matter_timeline
    from netral.audit.v1 import service_pb2 as audit
    from netral.exchange.v1 import person_pb2
    from netral.kasn.v1 import service_pb2 as kasn
    from netral.ppk.v1 import service_pb2 as ppk
    from operations.local import client, matters

Purpose = Annotated[
    Literal["handling", "supervision", "audit", "person-request"],
    typer.Option(help="Why the file is read; it stands in the trail."),
]
ZoneOption = Annotated[Literal["WIB", "WITA", "WIT", "UTC"], typer.Option(help="Zone of the times shown.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "ls": ls,
        "show": show,
        "timeline": timeline,
        "why-due": why_due,
        "file": file,
    }


@desk_command()
def ls(
    context: CommandContext,
    matter_state: Annotated[str, typer.Option("--in-state", help="Only matters in this state.")] = "",
    case: Annotated[str, typer.Option(help="Only the matters of this case.")] = "",
    election: Annotated[
        str,
        typer.Option(
            help="Only matters whose act is derived to belong to this election, such as PILKADA-2024: `netral election ls`."
        ),
    ] = "",
    office: Annotated[
        str,
        typer.Option(
            help="Only matters of this office: Bawaslu's (Kab/27.09), or KANREG-VIII at the examiner."
        ),
    ] = "",
    updated_since: Annotated[
        str,
        typer.Option(
            metavar="INSTANT",
            help="Only matters that changed after this, in the order of their changes: 2026-11-01T08:30 WIB.",
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the matters of a party, oldest first. No personal data.

    Example: netral matter ls --as ppk-6202 --in-state RECEIVED
    """
    contract = matters.CONTRACTS[context.desks.desk_of(context.party)]
    request = contract.list_(
        parent=context.parent,
        page_size=min(limit, 1000),
        state=code_of(matter_state),
        case_id=case,
        election=election.upper(),
    )
    if since := instant_of(updated_since, "WIB", "--updated-since"):
        request.updated_since.FromDatetime(since)
    if isinstance(request, ppk.ListMattersRequest):
        if office:
            raise typer.BadParameter(said("the desk of an authority has no offices"), param_hint="--office")
    else:
        request.office = office
    pages = context.desks.pages(contract.reads, "ListMatters", request, context.caller())
    found = list(islice((one for page in pages for one in page.matters), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    # At Bawaslu the number says the office; at the examiner it is assigned, or derived.
    by_office = isinstance(request, kasn.ListMattersRequest)
    heads = ("matter", "state", "number", "region", "recommendation", "to", "due", "changed (WIB)")
    table = table_of(*heads, *(["office"] if by_office else []))
    for one in found:
        known = as_dict(one)
        number = known.get("number") or known.get("report_number", "")
        letter = known.get("recommendation_number") or known.get("letter_number", "")
        id = one.name.rpartition("/")[2]
        table.add_row(
            id,
            one.state,
            number,
            one.region,
            letter,
            party(known.get("addressee", "")),
            _value(known.get("due_date")),
            clock(one.update_time),
            *([_office(known)] if by_office else []),
        )
    out.print(table)
    if election:
        out.print(
            said(
                "Derived to belong to {upper}: by region, day of the act and form of the number.",
                upper=election.upper(),
            )
        )


def _office(found: dict[str, Any]) -> str:
    """The office of a matter at the examiner; one that is only derived says so."""
    derived = found.get("derived_office", "")
    return found.get("office", "") or (said("{derived} (derived)", derived=derived) if derived else "")


@desk_command()
def show(context: CommandContext, matter: str) -> None:
    """[ro] Show one matter as a desk sees it. Personal data are in `netral matter file`.

    Example: netral matter show 0199… --as kasn
    """
    found = matters.get_matter(context.desks, context.caller(), matter)
    case = act_output.case_of(context, matter)
    if context.as_json:
        print_json(as_dict(found) | act_output.plain_next(case))
        return
    facts = facts_table()
    for name, value in as_dict(found).items():
        if text := _value(value):
            facts.add_row(field_name(name), _hex(text) if "digest" in name else text)
    for name, text in _derived(as_dict(found)).items():
        facts.add_row(name, text)
    if case is not None and case.holder:
        facts.add_row("next", act_output.next_words(case))
    out.print(facts)


def _derived(found: dict[str, Any]) -> dict[str, str]:
    happened = _value(found.get("event_date", {}))
    number = found.get("report_number") or found.get("number", "")
    return election_words.derived(
        found.get("region", ""), date.fromisoformat(happened) if happened else None, number
    )


@desk_command()
def timeline(context: CommandContext, matter: str, zone: ZoneOption = "WIB") -> None:
    """[ro] Tell a matter's timeline from the logs of all its desks: acts, statements, receipts.

    As Bawaslu (the default) all desks of this world are asked; as another party (--as) its own log only.

    Example: netral matter timeline 0199… --zone UTC
    """
    parties, logs = _logs(context, matter)
    acts = matter_timeline.tell(logs)
    if not acts:
        raise client.Refused(
            "NOT_FOUND",
            said("no log of {value} has leaves on this matter", value=", ".join(parties)),
            "NO_SUCH_MATTER",
        )
    if context.as_json:
        print_json(matter_timeline.as_json(acts))
        return
    print_timeline(acts, ZoneInfo(ZONES[zone]), zone)


def _logs(context: CommandContext, matter: str) -> "tuple[list[str], dict[str, list[audit.Leaf]]]":
    """The parties that were asked, and leaves by party: those who got copies are asked too, unless one party asks for itself."""
    if context.party != client.SUPERVISOR:
        leaves = matters.leaves_of(context.desks, context.caller("auditor"), matter)
        return [context.party], {context.party: leaves}
    parties = matters.parties_of(context.desks, context.officer, matter)
    return parties, matters.logs_of(context.desks, context.officer, matter, parties)


@desk_command(usual="examiner")
def why_due(context: CommandContext, matter: str) -> None:
    """[ro] Explain the due date of a follow-up: start, receipt, rule, source, each skipped day.

    Told from the log of the party that asks; as the examiner, whose statement it is, unless --as names another.

    Example: netral matter why-due 0199… --as ppk-6202
    """
    reason = matters.due_date_of(context.desks, context.caller("auditor"), matter)
    if reason is None:
        raise client.Refused(
            "NOT_FOUND",
            said("the log of {party} has no recommendation on this matter", party=context.party),
            "NOT_DUE",
        )
    print_why_due(reason, context.as_json)


def print_why_due(reason: "explain_due_date.Reason", as_json: bool = False) -> None:
    """Say why a follow-up is due when it is."""
    sent, facts, custody = reason.sent, reason.sent.facts, reason.sent.custody
    told: dict[str, Any] = {
        "recommendation": facts.letter_number,
        "addressee": facts.addressee,
        "due": reason.stated.isoformat(),
        "statement": sent.statement.id,
        "custody": custody.isoformat() if custody else None,
        "receipt": sent.receipt or None,
        "history": list(reason.history),
    }
    if not as_json:
        held = (
            said("in custody {custody:%Y-%m-%d %H:%M:%S} UTC", custody=custody)
            if custody
            else said("no receipt")
        )
        _line(
            said(
                "{letter_number} to {addressee}: due {stated}",
                letter_number=facts.letter_number,
                addressee=facts.addressee,
                stated=reason.stated,
            )
        )
        _line(
            said(
                "statement {id} to {recipient}: {held}",
                id=sent.statement.id,
                recipient=sent.statement.recipient,
                held=held,
            )
        )
        for line in reason.history:
            _line(in_session(line))
    if reason.by_rule is not None:
        show_deadline(reason.by_rule, as_json, reason.changes, **told)
    elif as_json:
        print_json(told | {"rule": None})
    else:
        _line(said("no rule: the examiner set this date"))


@desk_command(writes=True)
def file(context: CommandContext, matter: str, purpose: Purpose) -> None:
    """[rw] Open the person's file (berkas), which is personal data. The reading is recorded first.

    Example: netral matter file 0199… --as kasn --purpose handling
    """
    contract = matters.CONTRACTS[context.desks.desk_of(context.party)]
    show_file(context, contract.writes, matter, purpose)


def show_file(context: CommandContext, stub: Any, matter: str, purpose: str) -> None:
    """Open a person's file at one of a desk's services, and print it."""
    request = person_pb2.ReadFileRequest(
        name=context.matter(matter),
        request_id=context.request_id or str(uuid4()),
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
    )
    found = context.ask(stub, "ReadFile", request)
    if context.as_json:
        print_json(found)
        return
    show_entries(found.entries)
    if not found.entries and (lawfully := erasure.erased(context, matter)):
        _line(lawfully)
    out.print(said("This reading is record {record}.", record=found.record))


def show_entries(entries: "Iterable[person_pb2.FileEntry]") -> None:
    """Print the entries of a file, and those that another desk's file brought along."""
    for entry in entries:
        out.print(f"[bold]{entry.type}[/bold]  {entry.source_id}")
        facts = facts_table()
        for name, value in as_dict(entry.part.person).items() if entry.part.HasField("person") else ():
            if value:
                facts.add_row(field_name(name), str(value))
        if entry.part.text:
            facts.add_row("text", entry.part.text)
        if entry.part.stated_reason:
            facts.add_row("stated reason", entry.part.stated_reason)
        for link in entry.part.links:
            facts.add_row("link", link)
        for fact in entry.part.facts:
            facts.add_row(field_name(fact.field), fact.value)
        for named in entry.part.file_names:
            facts.add_row("document", f"{named.name}  {named.digest.hex()}")
        out.print(facts)
        show_entries(entry.part.passed_on)


def print_timeline(acts: "list[matter_timeline.Act]", zone: ZoneInfo, zone_name: str) -> None:
    """Print a matter's story: a line per act, and under it a line per statement that it sent; in a file, a row for each."""
    if out.kept is not None:
        out.print(_timeline_rows(acts, zone, zone_name))
        return
    for act in acts:
        at = act.time.astimezone(zone)
        state = f" → [bold]{act.state}[/bold]" if act.state else ""
        did = f"{language.of_both(act.words)} [dim]({act.action})[/dim]"
        _line(f"{at:%Y-%m-%d %H:%M:%S} {zone_name}  {act.party} {act.actor}: {did}{state}")
        if act.note:
            _line(f"    {language.of_both(act.note)}")
        for sent in act.sent:
            _line(f"    {statement_line(sent, zone)}")


def _timeline_rows(acts: "list[matter_timeline.Act]", zone: ZoneInfo, zone_name: str) -> SafeTable:
    """The story as rows: first the act, then each statement that it sent."""
    sent_heads = ("to", "no.", "in custody", "outcome")
    table = table_of(f"time ({zone_name})", "by", "actor", "act", "code", "state", "note", *sent_heads)
    for act in acts:
        at, by = _at(act.time, zone), party(act.party)
        table.add_row(
            at, by, act.actor, language.of_both(act.words), act.action, act.state, _note(act), *[None] * 4
        )
        for sent in act.sent:
            words, outcome = language.of_both(sent.words), f"{sent.outcome} {sent.reason}".strip()
            custody = _at(sent.custody, zone) if sent.custody else None
            to = (party(sent.recipient), Ordinal(sent.sequence), custody, outcome)
            table.add_row(at, by, act.actor, words, sent.type, "", "", *to)
    return table


def _note(act: "matter_timeline.Act") -> str:
    return language.of_both(act.note) if act.note else ""


def _at(time: datetime, zone: ZoneInfo) -> datetime:
    """An instant as a file has it: the local time, to the second."""
    return time.astimezone(zone).replace(tzinfo=None, microsecond=0)


def statement_line(sent: "matter_timeline.StatementLine", zone: ZoneInfo) -> str:
    """A statement and what became of it, in one line."""
    type = sent.type.removeprefix("netral.").removesuffix(".v1")
    copy = " (copy)" if sent.copy else ""
    custody = (
        said("in custody {zone:%H:%M:%S}", zone=sent.custody.astimezone(zone))
        if sent.custody
        else said("[yellow]no receipt[/yellow]")
    )
    outcome = f", {sent.outcome} {sent.reason}".rstrip() if sent.outcome else ""
    words = f"{language.of_both(sent.words)} [dim]({type})[/dim]"
    return said(
        "→ {recipient} no. {sequence}: {words}{copy}; {custody}{outcome}",
        recipient=sent.recipient,
        sequence=sent.sequence,
        words=words,
        copy=copy,
        custody=custody,
        outcome=outcome,
    )


def _line(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)


def _value(value: Any) -> str:
    """A value for people: dates in ISO form, nothing for what is unset."""
    if isinstance(value, dict):
        return f"{value['year']:04d}-{value['month']:02d}-{value['day']:02d}" if value.get("year") else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    text = str(value or "")
    return "" if text.endswith("_UNSPECIFIED") else text


def _hex(text: str) -> str:
    """Digests as auditors write them; JSON carries them in base64."""
    return ", ".join(f"sha256:{b64decode(each).hex()}" for each in text.split(", "))
