"""`netral audit search`, `why`, `state`, `diff`: questions to the trail, of one desk or of all, each answer checkable.

Flags take an instant as `2026-11-01`, `2026-11-01T08:30`, with a zone after it (`WIB`, `WITA`, `WIT`, `UTC`, `+07:00`) or in
that of `--zone`. Whatever the desks answer is as of a checkpoint that they signed; `--proofs` and `--complete` check it with
the keys of the parties file.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.deferred_imports import deferred_imports
from cli.options import CommandContext, Commands, desk_command
from cli.output import ZONES, as_dict, clock, err, out, print_json, table_of
from operations.local.installation import HOSTS, Installation

with deferred_imports():
    from audit.completeness import sparse_map
    from audit.completeness import verify as whole
    from audit.formats import checkpoint, note, tlog
    from exchange.statements import protobuf_time, public_keys, trust
    from netral.audit.v1 import service_pb2 as pb
    from netral.audit.v1 import service_pb2_grpc as audit_stubs
    from netral.kasn.v1 import service_pb2 as kasn_pb
    from netral.kasn.v1 import service_pb2_grpc as kasn_stubs
    from operations.local import client

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))? ?(WIB|WITA|WIT|UTC|Z|[+-]\d{2}:\d{2})?"
)
_PAGE = 1000
_SETTLE_SECONDS = 5.0

ZoneOption = Annotated[
    str, typer.Option("--zone", help="WIB, WITA, WIT or UTC: for instants given and printed.")
]
When = Annotated[str, typer.Option(metavar="INSTANT")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "search": search,
        "why": why,
        "state": state,
        "diff": diff,
    }


def instant_of(text: str, zone: str, flag: str) -> datetime | None:
    """An instant from the command line, UTC; None for no text."""
    if not text:
        return None
    match = _INSTANT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day, at, given = match.groups()
        moment = datetime.fromisoformat(f"{day}T{at or '00:00'}")
        named = given or zone
        if named[0] in "+-":
            return datetime.fromisoformat(f"{moment.isoformat()}{named}").astimezone(UTC)
        return moment.replace(tzinfo=ZoneInfo(ZONES["UTC" if named == "Z" else named])).astimezone(UTC)
    except ValueError:
        raise typer.BadParameter(
            "give a day, or a day and time, such as 2026-11-01T08:30 WIB", param_hint=flag
        ) from None


@dataclass
class Row:
    """A leaf of an answer, and where it is kept: by party, its index."""

    found: "pb.Found"
    places: dict[str, int] = field(default_factory=dict)
    proved: bool = False

    @property
    def order(self) -> tuple[datetime, int, str]:
        """By time; of one moment acts before the statements they sent, and those before receipts."""
        rank = {"record": 0, "statement": 1, "receipt": 2}.get(self.found.kind, 3)
        return self.found.leaf.time.ToDatetime(tzinfo=UTC), rank, self.found.leaf.ref


@desk_command()
def search(
    context: CommandContext,
    case: Annotated[str, typer.Option(help="Only leaves about the matters of this case.")] = "",
    matter: Annotated[
        list[str] | None, typer.Option(help="Only about this matter; may be given again.")
    ] = None,
    same_person_as: Annotated[
        str,
        typer.Option(
            help="Only about matters of the person of this matter: by the examiner's index; it is recorded."
        ),
    ] = "",
    ref: Annotated[str, typer.Option(help="The statement or record of this id, and its receipts.")] = "",
    actor: Annotated[str, typer.Option(help="Officer id, or name of a service or clock.")] = "",
    actor_kind: Annotated[str, typer.Option(help="person, service or clock.")] = "",
    agency: Annotated[str, typer.Option(help="Made by, or exchanged with, this institution.")] = "",
    region: Annotated[str, typer.Option(help="62 or 62.02: named in the facts, or an authority there.")] = "",
    type_: Annotated[
        str, typer.Option("--type", help="Statement type, receipt stage or action; kasn.* too.")
    ] = "",
    outcome: Annotated[str, typer.Option(help="State after the act; TAKEN_UP, REFUSED, CUSTODY.")] = "",
    basis: Annotated[str, typer.Option(help="Legal basis that a statement cites.")] = "",
    since: When = "",
    until: When = "",
    first: Annotated[int, typer.Option(min=0, help="From this index.")] = 0,
    end: Annotated[int, typer.Option(min=0, help="Up to, without, this index; 0 for the end.")] = 0,
    text: Annotated[str, typer.Option(help="Contained in some word of the public facts.")] = "",
    as_of: Annotated[str, typer.Option(metavar="INSTANT", help="As the log was then.")] = "",
    everywhere: Annotated[bool, typer.Option(help="At every desk: one ordered story.")] = False,
    facets: Annotated[bool, typer.Option(help="Count by kind, type, agency, outcome, …")] = False,
    proofs: Annotated[bool, typer.Option(help="Check that each leaf is in the signed log.")] = False,
    complete: Annotated[
        bool, typer.Option(help="Check that nothing was left out: of one case, matter or actor.")
    ] = False,
    parties: Annotated[Path | None, typer.Option(help="Parties file to trust; else the world's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most this many, of each desk.")] = 100,
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] What a party's log has, in order of index, as of its newest checkpoint or an earlier one.

    Example: netral audit search --as kasn --type 'kasn.*' --since '2026-11-01T08:00 WITA' --facets
    """
    _check_zone(zone)
    request = pb.SearchRequest(
        page_size=min(limit, _PAGE),
        matters=matter or [],
        case_id=case,
        ref=ref,
        actor=actor,
        actor_kind=actor_kind,
        agency=agency,
        region=region,
        type=type_,
        outcome=outcome,
        legal_basis=basis,
        start_index=first,
        end_index=end,
        text=text,
        with_proofs=proofs,
        with_facets=facets,
    )
    for name, flag, given in (
        ("start_time", "--since", since),
        ("end_time", "--until", until),
        ("as_of", "--as-of", as_of),
    ):
        if (moment := instant_of(given, zone, flag)) is not None:
            getattr(request, name).CopyFrom(protobuf_time.timestamp(moment))
    if same_person_as:
        request.matters.extend(_of_the_same_person(context, same_person_as))
    trusted = trust.load_parties(parties or context.state.parties_file)
    names = list(_parties(context.desks, context.state)) if everywhere else [context.party]
    if complete:
        _search_complete(context, request, names, trusted, zone)
        return
    answers = {name: _answer(context, name, request, limit, trusted if proofs else None) for name in names}
    rows = _joined(answers) if everywhere else [row for answer in answers.values() for row in answer.rows]
    if context.as_json:
        print_json(_as_json(answers, rows) if facets else [_plain(row, everywhere) for row in rows])
        return
    _print_rows(rows, zone, everywhere)
    for name, answer in answers.items():
        _print_facets(name, answer)
    for name, answer in answers.items():
        more = "" if answer.whole else f"; there is more, raise --limit over {limit}"
        proved = f", {sum(row.proved for row in answer.rows)} proved to be in it" if proofs else ""
        err.print(f"{name}: {len(answer.rows)} leaves of the log of {answer.size}{proved}{more}")


@dataclass
class _Answer:
    rows: list[Row]
    facets: "list[pb.Facet]"
    size: int
    whole: bool


def _answer(
    context: CommandContext,
    party: str,
    asked: "pb.SearchRequest",
    limit: int,
    trusted: "trust.Parties | None",
) -> _Answer:
    """What one desk answers; each leaf is checked to be in its signed log if `trusted` is given."""
    request = pb.SearchRequest()
    request.CopyFrom(asked)
    request.parent = f"institutions/{party}"
    caller = context.caller("auditor", party)
    if not asked.HasField("as_of"):
        _settle(context, caller)
    answer = _Answer([], [], 0, True)
    try:
        for page in context.desks.pages(audit_stubs.AuditServiceStub, "Search", request, caller):
            answer.size, answer.whole = page.checkpoint.size, page.last_page
            answer.facets += page.facets
            for found in page.found:
                row = Row(found, {party: found.leaf.index})
                if trusted is not None:
                    _check_place(party, found, trusted)
                    row.proved = True
                answer.rows.append(row)
            if len(answer.rows) >= limit:
                answer.whole = page.last_page and len(answer.rows) == limit
                break
    except client.Refused as refused:
        if refused.code != "NOT_FOUND":  # a log without a checkpoint has nothing to find
            raise
    answer.rows = answer.rows[:limit]
    return answer


def _settle(context: CommandContext, caller: "client.Caller") -> None:
    """Wait until what is committed now has its place in the log, as long as that may take."""
    until = time.monotonic() + _SETTLE_SECONDS
    request = pb.GetCheckpointRequest(parent=f"institutions/{caller.party}")
    while context.desks.call(audit_stubs.AuditServiceStub, "GetCheckpoint", request, caller).pending:
        if time.monotonic() > until:
            err.print(f"{caller.party}: what was committed last is not in the log yet, and not searched")
            return
        time.sleep(0.05)


def _check_place(party: str, found: "pb.Found", trusted: "trust.Parties") -> None:
    proof = found.proof
    head = checkpoint.parse(note.open_note(proof.note, public_keys.log_keys(trusted, party)).text)
    tlog.verify_inclusion(
        tlog.leaf_hash(found.leaf.body), found.leaf.index, head.size, list(proof.hashes), head.root
    )


def _of_the_same_person(context: CommandContext, matter: str) -> list[str]:
    """The matter and the others of its person, by the desk's keyed index. The question is a record of its trail."""
    request = kasn_pb.FindEarlierRequest(name=context.matter(matter), request_id=context.new_request_id())
    found = context.desks.call(kasn_stubs.KasnServiceStub, "FindEarlier", request, context.caller("officer"))
    return [matter, *(each.matter.rpartition("/")[2] for each in found.earlier)]


# Whole answers


def _search_complete(
    context: CommandContext, asked: "pb.SearchRequest", names: list[str], trusted: "trust.Parties", zone: str
) -> None:
    key = _one_key(context, asked)
    checked: dict[str, whole.CompleteAnswer] = {}
    for party in names:
        caller = context.caller("auditor", party)
        _settle(context, caller)
        try:
            checked[party] = whole_answer(context.desks, caller, key, trusted)
        except whole.Incomplete as error:
            err.print(f"[red]{party}: NOT complete: {error}[/red]")
            raise typer.Exit(1) from None
        except client.Refused as refused:
            if refused.code != "NOT_FOUND":
                raise
    if context.as_json:
        print_json({party: _whole_as_json(key, one) for party, one in checked.items()})
        return
    for party, one in checked.items():
        leaves = {leaf.index: leaf for some in one.leaves.values() for leaf in some}
        table = table_of("index", f"time ({zone})", "type", "by", "actor", "matter")
        for index, leaf in sorted(leaves.items()):
            at = clock(leaf.time, ZoneInfo(ZONES[zone]))
            table.add_row(str(index), at, leaf.type, leaf.author, leaf.actor, leaf.matter)
        out.print(table)
        matters = sum(name.startswith("matter/") for name in one.leaves)
        of = f" in {matters} matters" if key.startswith("case/") else ""
        out.print(
            f"{party}: complete: {one.count} of {one.count} leaves of {key}{of}, "
            f"as of the signed log of {one.checkpoint.size}.",
            highlight=False,
            soft_wrap=True,
        )


def _one_key(context: CommandContext, asked: "pb.SearchRequest") -> str:
    """The key of what is asked for whole."""
    plain = pb.SearchRequest()
    plain.CopyFrom(asked)
    for name in ("page_size", "matters", "case_id", "actor", "agency"):
        plain.ClearField(name)
    given = [*asked.matters, *filter(None, (asked.case_id, asked.actor))]
    if plain != pb.SearchRequest() or len(given) != 1 or (asked.agency and not asked.actor):
        raise typer.BadParameter(
            "a whole answer is of one --matter, one --case, or one --actor (with --agency, whose), and nothing else",
            param_hint="--complete",
        )
    if asked.case_id:
        return sparse_map.of_case(asked.case_id)
    if asked.actor:
        return sparse_map.of_actor(asked.agency or context.party, asked.actor)
    return sparse_map.of_matter(asked.matters[0])


def whole_answer(
    desks: "client.Desks", caller: "client.Caller", key: str, trusted: "trust.Parties"
) -> "whole.CompleteAnswer":
    """Ask a desk for everything of a key, and check that nothing was left out.

    Raises:
        NotWhole: something was, or it is not what the log has signed.
    """
    request = pb.GetWholeRequest(parent=f"institutions/{caller.party}", key=key)
    items = desks.stream(audit_stubs.AuditServiceStub, "GetWhole", request, caller)
    return whole.check(caller.party, key, items, public_keys.log_keys(trusted, caller.party))


def _whole_as_json(key: str, one: "whole.CompleteAnswer") -> dict[str, Any]:
    return {
        "key": key,
        "complete": True,
        "leaves": one.count,
        "size": one.checkpoint.size,
        "chains": {name: [as_dict(leaf) for leaf in some] for name, some in one.leaves.items()},
    }


# All desks as one story


def _parties(desks: "client.Desks", world: Installation) -> Iterator[str]:
    """The parties of a world whose logs are not empty."""
    for host in HOSTS:
        caller = client.Caller(world.hosts()[host][0], "auditor-1", "auditor")
        request = pb.ListLogsRequest(page_size=_PAGE, skip_empty=True)
        for page in desks.pages(audit_stubs.AuditServiceStub, "ListLogs", request, caller):
            yield from (found.origin.removeprefix("netral/") for found in page.checkpoints)


def _joined(answers: Mapping[str, _Answer]) -> list[Row]:
    """The rows of all desks in the order in which they happened; what two logs keep in the same bytes is one row."""
    rows: dict[bytes, Row] = {}
    for party, answer in answers.items():
        for row in answer.rows:
            if row.found.kind == sparse_map.TYPE:
                continue
            same = rows.setdefault(row.found.leaf.body, row)
            same.places[party] = row.found.leaf.index
    return sorted(rows.values(), key=lambda row: row.order)


def story(context: CommandContext, **asked: Any) -> list[Row]:
    """Everything that all desks have of a question, in order."""
    request = pb.SearchRequest(page_size=_PAGE, **asked)
    names = _parties(context.desks, context.state)
    return _joined({name: _answer(context, name, request, 1_000_000, None) for name in names})


# Why


@desk_command()
def why(
    context: CommandContext,
    id: Annotated[str, typer.Argument(help="A statement or record.")],
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] What led to a statement or act, up to its first cause, and everything that followed from it, at all desks.

    Example: netral audit why 0190…
    """
    _check_zone(zone)
    about = story(context, ref=id)
    if not about:
        raise typer.BadParameter("no log has a statement or record of this id", param_hint="ID")
    cases = {row.found.case_id for row in about if row.found.case_id}
    matters = {row.found.leaf.matter for row in about if row.found.leaf.matter}
    rows = [row for case in sorted(cases) for row in story(context, case_id=case)] if cases else about
    if not cases and matters:
        rows = story(context, matters=sorted(matters))
    nodes = {row.found.leaf.ref: row for row in rows if row.found.kind in ("statement", "record")}
    up, down = causes(rows), defaultdict[str, list[str]](list)
    for ref, cause in up.items():
        if cause in nodes:
            down[cause].append(ref)
    lines = list(_ancestry(id, up, nodes))
    told = [(depth, ref) for depth, ref in enumerate(reversed(lines))]
    told += list(_descent(id, down, len(told)))
    if context.as_json:
        print_json([{"depth": depth, **_plain(nodes[ref], True)} for depth, ref in told])
        return
    for depth, ref in told:
        row = nodes[ref]
        mark = "[bold]→[/bold] " if ref == id else ""
        out.print(f"{'  ' * depth}{mark}{_line(row, zone)}", highlight=False, soft_wrap=True)


def causes(rows: Iterable[Row]) -> dict[str, str]:
    """What each statement and act was caused by: a statement by the act that sent it, that by the statement it answers."""
    found: dict[str, str] = {}
    caused: dict[str, str] = {}
    for row in rows:
        if row.found.kind == "statement" and row.found.causation:
            caused[row.found.leaf.ref] = row.found.causation
    for row in rows:
        if row.found.kind == "record":
            for statement in row.found.statements:
                found[statement] = row.found.leaf.ref
                if statement in caused:
                    found[row.found.leaf.ref] = caused[statement]
    return caused | found


def _ancestry(id: str, up: Mapping[str, str], nodes: Mapping[str, Row]) -> Iterator[str]:
    seen: set[str] = set()
    while id in nodes and id not in seen:
        seen.add(id)
        yield id
        id = up.get(id, "")


def _descent(id: str, down: Mapping[str, list[str]], depth: int) -> Iterator[tuple[int, str]]:
    waiting = [(depth, ref) for ref in reversed(down.get(id, ()))]
    seen = {id}
    while waiting:
        depth, ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        yield depth, ref
        waiting += [(depth + 1, below) for below in reversed(down.get(ref, ()))]


# States, then and now


@desk_command()
def state(
    context: CommandContext,
    matter: str,
    at: Annotated[str, typer.Option(metavar="INSTANT", help="As of this moment; now without.")] = "",
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] How a matter stood at a desk at a moment, by the last act that its log had then.

    Example: netral audit state 0190… --as kasn --at '2026-11-03T09:00 WIB'
    """
    _check_zone(zone)
    moment = instant_of(at, zone, "--at")
    last = _states(context, {"matters": [matter]}, moment).rows.get(matter)
    if context.as_json:
        print_json(_plain(last, False) if last else {})
    elif last is None:
        out.print("The log had nothing about this matter.")
    else:
        out.print(
            f"[bold]{last.found.outcome}[/bold] since {_line(last, zone)}", highlight=False, soft_wrap=True
        )


@desk_command()
def diff(
    context: CommandContext,
    since: Annotated[str, typer.Option("--from", metavar="INSTANT", help="The first moment.")],
    until: Annotated[str, typer.Option("--to", metavar="INSTANT", help="The second; now without.")] = "",
    case: Annotated[str, typer.Option(help="Only the matters of this case.")] = "",
    matter: Annotated[list[str] | None, typer.Option(help="Only this matter; may be given again.")] = None,
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] What changed in a log between two moments: leaves that came, and the state of each matter before and after.

    Example: netral audit diff --as kasn --from 2026-11-01 --to 2026-11-08
    """
    _check_zone(zone)
    asked: dict[str, Any] = {"case_id": case, "matters": matter or []}
    before = _states(context, asked, instant_of(since, zone, "--from"))
    after = _states(context, asked, instant_of(until, zone, "--to"))
    lines = [
        {
            "matter": name,
            "before": before.state(name),
            "after": after.state(name),
            "new_leaves": after.leaves[name] - before.leaves[name],
        }
        for name in sorted(after.leaves)
        if after.leaves[name] != before.leaves[name]
    ]
    if context.as_json:
        print_json({"size_before": before.size, "size_after": after.size, "matters": lines})
        return
    table = table_of("matter", "before", "after", "new leaves")
    for line in lines:
        table.add_row(*map(str, line.values()))
    out.print(table)
    out.print(f"{context.party}: the log grew from {before.size} to {after.size}.", highlight=False)


@dataclass
class _States:
    size: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    leaves: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def state(self, matter: str) -> str:
        return self.rows[matter].found.outcome if matter in self.rows else ""


def _states(context: CommandContext, asked: Mapping[str, Any], moment: datetime | None) -> _States:
    """The last act on each matter that named a state, and how many leaves it had, as of a moment."""
    request = pb.SearchRequest(page_size=_PAGE, **asked)
    if moment is not None:
        request.as_of.CopyFrom(protobuf_time.timestamp(moment))
    answer = _answer(context, context.party, request, 1_000_000, None)
    found = _States(answer.size)
    for row in answer.rows:
        about = row.found.leaf.matter
        if about:
            found.leaves[about] += 1
            if row.found.kind == "record" and row.found.outcome:
                found.rows[about] = row
    return found


# What people see


def _print_rows(rows: list[Row], zone: str, everywhere: bool) -> None:
    where = "kept by" if everywhere else "index"
    table = table_of(where, f"time ({zone})", "kind", "type", "by", "actor", "outcome", "from", "matter")
    for row in rows:
        found, leaf = row.found, row.found.leaf
        places = ", ".join(f"{party}:{index}" for party, index in row.places.items())
        table.add_row(
            places if everywhere else str(leaf.index),
            clock(leaf.time, ZoneInfo(ZONES[zone])),
            found.kind,
            leaf.type.removeprefix("netral."),
            leaf.author + (f" → {found.counterpart}" if found.counterpart else ""),
            " ".join(filter(None, (leaf.actor, found.actor_kind and f"({found.actor_kind})"))),
            f"{found.outcome} {found.reason}".strip(),
            found.source.removeprefix("netral://"),
            leaf.matter,
        )
    out.print(table)


def _print_facets(party: str, answer: _Answer) -> None:
    names: dict[str, list[str]] = defaultdict(list)
    for facet in answer.facets:
        names[facet.name].append(f"{facet.value} {facet.leaves}")
    for name, counts in names.items():
        out.print(f"{party} {name}: {', '.join(counts)}", highlight=False, soft_wrap=True)


def _line(row: Row, zone: str) -> str:
    found, leaf = row.found, row.found.leaf
    at = f"{clock(leaf.time, ZoneInfo(ZONES[zone]))} {zone}"
    to = f" → {found.counterpart}" if found.counterpart else ""
    state = f" → {found.outcome}" if found.outcome else ""
    places = ", ".join(f"{party}:{index}" for party, index in row.places.items())
    return f"{at}  {leaf.author}{to} {leaf.actor}: {leaf.type}{state}  [{places}] {leaf.ref}".replace(
        "[", "\\["
    )


def _plain(row: Row, everywhere: bool) -> dict[str, Any]:
    """A row as plain data: what the leaf is, and the AU-3 content of its bytes."""
    given = as_dict(row.found)
    flat = {**given.pop("leaf"), **given}
    if not row.proved:
        flat.pop("proof", None)
    return flat | ({"places": row.places} if everywhere else {}) | ({"proved": True} if row.proved else {})


def _as_json(answers: Mapping[str, _Answer], rows: list[Row]) -> dict[str, Any]:
    counted: dict[str, dict[str, dict[str, int]]] = {}
    for party, answer in answers.items():
        for facet in answer.facets:
            counted.setdefault(party, {}).setdefault(facet.name, {})[facet.value] = facet.leaves
    return {"facets": counted, "leaves": [_plain(row, len(answers) > 1) for row in rows]}


def _check_zone(zone: str) -> None:
    if zone not in ZONES:
        raise typer.BadParameter(f"one of {', '.join(ZONES)}", param_hint="--zone")
