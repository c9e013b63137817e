"""`netral case …` and `netral file`: matters as a desk sees them, and a matter's story from the trail."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer

from agreement.clocks import calendar
from cli.cooperation import erasure
from cli.matter.deadlines import show as show_deadline
from cli.options import (
    ZONES,
    CommandContext,
    as_dict,
    clock,
    desk_command,
    enum_of,
    facts_table,
    out,
    print_json,
    table_of,
)
from cooperation.monitoring import explain_due_date as why
from exchange.reconciliation import matter_timeline as story
from netral.audit.v1 import service_pb2 as audit
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluReadServiceStub, BawasluServiceStub
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnReadServiceStub, KasnServiceStub
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.service_pb2_grpc import PpkReadServiceStub, PpkServiceStub
from operations.local.client import SUPERVISOR, Caller, Desks, Refused

# Package, reading stub and writing stub of each desk.
_CONTRACTS: Mapping[str, tuple[Any, Any, Any]] = {
    "bawaslu": (bawaslu, BawasluReadServiceStub, BawasluServiceStub),
    "kasn": (kasn, KasnReadServiceStub, KasnServiceStub),
    "ppk": (ppk, PpkReadServiceStub, PpkServiceStub),
}
Purpose = Annotated[
    Literal["handling", "supervision", "audit", "person-request"],
    typer.Option(help="Why the file is read; it stands in the trail."),
]
ZoneOption = Annotated[Literal["WIB", "WITA", "WIT", "UTC"], typer.Option(help="Zone of the times shown.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Matters (perkara): one person in one case.", no_args_is_help=True)
    group.command("ls")(ls)
    group.command("show")(show)
    group.command("timeline")(timeline)
    group.command("why-due")(why_due)
    app.add_typer(group, name="case", rich_help_panel="Every desk")
    app.command("file", rich_help_panel="Every desk")(file)


@desk_command()
def ls(
    door: CommandContext,
    matter_state: Annotated[str, typer.Option("--in-state", help="Only matters in this state.")] = "",
    case: Annotated[str, typer.Option(help="Only the matters of this case.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """\\[ro] The matters of a party, oldest first. No personal data.

    Example: netral case ls --as ppk-6202 --in-state RECEIVED
    """
    contract, stub, _ = _CONTRACTS[door.desks.desk_of(door.party)]
    request = contract.ListMattersRequest(
        parent=door.parent, page_size=min(limit, 1000), state=matter_state, case_id=case
    )
    pages = door.desks.pages(stub, "ListMatters", request, door.caller())
    found = list(islice((one for page in pages for one in page.matters), limit))
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("matter", "state", "number", "region", "recommendation", "to", "due", "changed (WIB)")
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
            known.get("addressee", ""),
            _value(known.get("due_date")),
            clock(one.update_time),
        )
    out.print(table)


def matters_of_case(door: CommandContext, case: str) -> list[str]:
    """The matters of a case at the caller's desk (ids)."""
    contract, stub, _ = _CONTRACTS[door.desks.desk_of(door.party)]
    request = contract.ListMattersRequest(parent=door.parent, page_size=1000, case_id=case)
    pages = door.desks.pages(stub, "ListMatters", request, door.caller())
    return [one.name.rpartition("/")[2] for page in pages for one in page.matters]


@desk_command()
def show(door: CommandContext, matter: str) -> None:
    """\\[ro] One matter as a desk sees it. No personal data: that is in `netral file`.

    Example: netral case show 0199… --as kasn
    """
    found = get_matter(door.desks, door.caller(), matter)
    if door.as_json:
        print_json(found)
        return
    facts = facts_table()
    for name, value in as_dict(found).items():
        if text := _value(value):
            facts.add_row(name.replace("_", " "), _hex(text) if "digest" in name else text)
    out.print(facts)


@desk_command()
def timeline(door: CommandContext, matter: str, zone: ZoneOption = "WIB") -> None:
    """\\[ro] A matter's story from the trail of every desk that has it: acts, statements, and who keeps which receipt.

    As Bawaslu (the default) all desks of this world are asked; as another party (--as) its own log only.

    Example: netral case timeline 0199… --zone UTC
    """
    one_party = door.party != SUPERVISOR
    parties = [door.party] if one_party else parties_of(door.desks, door.officer, matter)
    logs = {party: leaves_of(door.desks, door.caller("auditor", party), matter) for party in parties}
    if not one_party:  # those who were sent something on it too: copies, requests for clarification
        for party in story.recipients(logs) - logs.keys():
            with suppress(Refused):
                logs[party] = leaves_of(door.desks, door.caller("auditor", party), matter)
    acts = story.tell(logs)
    if not acts:
        raise Refused(
            "NOT_FOUND", f"no log of {', '.join(parties)} has leaves on this matter", "NO_SUCH_MATTER"
        )
    if door.as_json:
        print_json(story.as_json(acts))
        return
    print_story(acts, ZoneInfo(ZONES[zone]), zone)


@desk_command("examiner")
def why_due(door: CommandContext, matter: str) -> None:
    """\\[ro] Why the follow-up is due when it is: start event with its receipt, rule and source, every skipped day by name.

    Told from the log of the party that asks; as the examiner, whose statement it is, unless --as names another.

    Example: netral case why-due 0199… --as ppk-6202
    """
    reason = reason_of(door.desks, door.caller("auditor"), matter)
    if reason is None:
        raise Refused("NOT_FOUND", f"the log of {door.party} has no recommendation on this matter", "NOT_DUE")
    print_why_due(reason, door.as_json)


def reason_of(desks: Desks, caller: Caller, matter: str) -> why.Reason | None:
    """Why a matter's follow-up is due when it is, from the log of the caller's party; None if the log has no recommendation."""
    sent = why.recommendation_of(leaves_of(desks, caller, matter))
    return why.reason_of(sent, calendar.latest()) if sent else None


def print_why_due(reason: why.Reason, as_json: bool = False) -> None:
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
        held = f"in custody {custody:%Y-%m-%d %H:%M:%S} UTC" if custody else "no receipt"
        _line(f"{facts.letter_number} to {facts.addressee}: due {reason.stated}")
        _line(f"statement {sent.statement.id} to {sent.statement.recipient}: {held}")
        for line in reason.history:
            _line(line)
    if reason.by_rule is not None:
        show_deadline(reason.by_rule, as_json, reason.changes, **told)
    elif as_json:
        print_json(told | {"rule": None})
    else:
        _line("no rule: the examiner set this date")


@desk_command(writes=True)
def file(door: CommandContext, matter: str, purpose: Purpose) -> None:
    """\\[rw] The person's file (berkas): personal data, opened. The reading is recorded before anything is shown.

    Example: netral file 0199… --as kasn --purpose handling
    """
    _, _, stub = _CONTRACTS[door.desks.desk_of(door.party)]
    show_file(door, stub, matter, purpose)


def show_file(door: CommandContext, stub: Any, matter: str, purpose: str) -> None:
    """Open a person's file at one of a desk's services, and print it."""
    request = person_pb2.ReadFileRequest(
        name=door.matter(matter),
        request_id=door.request_id or str(uuid4()),
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
    )
    found = door.ask(stub, "ReadFile", request)
    if door.as_json:
        print_json(found)
        return
    show_entries(found.entries)
    if not found.entries and (lawfully := erasure.erased(door, matter)):
        _line(lawfully)
    out.print(f"This reading is record {found.record}.")


def show_entries(entries: Iterable[person_pb2.FileEntry]) -> None:
    """Print the entries of a file, and those that another desk's file brought along."""
    for entry in entries:
        out.print(f"[bold]{entry.type}[/bold]  {entry.source_id}")
        facts = facts_table()
        for name, value in as_dict(entry.part.person).items() if entry.part.HasField("person") else ():
            if value:
                facts.add_row(name.replace("_", " "), str(value))
        if entry.part.text:
            facts.add_row("text", entry.part.text)
        for link in entry.part.links:
            facts.add_row("link", link)
        for fact in entry.part.facts:
            facts.add_row(fact.field.replace("_", " "), fact.value)
        for named in entry.part.file_names:
            facts.add_row("document", f"{named.name}  {named.digest.hex()}")
        out.print(facts)
        show_entries(entry.part.passed_on)


def get_matter(desks: Desks, caller: Caller, matter: str) -> Any:
    """A matter as the caller's desk sees it."""
    contract, stub, _ = _CONTRACTS[desks.desk_of(caller.party)]
    name = f"institutions/{caller.party}/matters/{matter}"
    return desks.call(stub, "GetMatter", contract.GetMatterRequest(name=name), caller)


def parties_of(desks: Desks, officer: str, matter: str) -> list[str]:
    """The parties that a matter has been at: supervisor, examiners one after the other, addressees past and present."""
    found = [SUPERVISOR]
    for examiner in desks.examiners or [desks.examiner]:
        with suppress(Refused):
            seen = get_matter(desks, Caller(examiner, officer), matter)
            found += [examiner, *seen.former_addressees, *([seen.addressee] if seen.addressee else [])]
    return list(dict.fromkeys(found))


def leaves_of(desks: Desks, caller: Caller, matter: str) -> list[audit.Leaf]:
    """All leaves on a matter in the log of the caller's party."""
    request = audit.ListLeavesRequest(parent=f"institutions/{caller.party}", matter=matter, page_size=1000)
    return [
        leaf for page in desks.pages(AuditServiceStub, "ListLeaves", request, caller) for leaf in page.leaves
    ]


def print_story(acts: list[story.Act], zone: ZoneInfo, zone_name: str) -> None:
    """Print a matter's story: a line per act, and under it a line per statement that it sent."""
    for act in acts:
        at = act.time.astimezone(zone)
        state = f" → [bold]{act.state}[/bold]" if act.state else ""
        _line(f"{at:%Y-%m-%d %H:%M:%S} {zone_name}  {act.party} {act.actor}: {act.action}{state}")
        if act.note:
            _line(f"    {act.note}")
        for sent in act.sent:
            _line(f"    {statement_line(sent, zone)}")


def statement_line(sent: story.Sent, zone: ZoneInfo) -> str:
    """A statement and what became of it, in one line."""
    type = sent.type.removeprefix("netral.").removesuffix(".v1")
    copy = " (copy)" if sent.copy else ""
    custody = (
        f"in custody {sent.custody.astimezone(zone):%H:%M:%S}"
        if sent.custody
        else "[yellow]no receipt[/yellow]"
    )
    outcome = f", {sent.outcome} {sent.reason}".rstrip() if sent.outcome else ""
    return f"→ {sent.recipient} no. {sent.sequence}: {type}{copy}; {custody}{outcome}"


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
