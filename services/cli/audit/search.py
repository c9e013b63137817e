"""`netral audit search`: leaves of a log, of one desk or of all, each answer checkable.

What a desk answers is as of a checkpoint that it signed; `--proofs` and `--complete` check it with the keys of the parties file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.audit.instants import When, ZoneOption, check_zone, instant_of
from cli.audit.rows import plain, print_facets, print_rows, warn_of_unsettled
from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Ordinal
from cli.language import did_you_mean, said
from cli.options import CommandContext, Commands, desk_command
from cli.output import ZONES, as_dict, clock, err, out, print_json, table_of

with deferred_imports():
    from google.protobuf import any_pb2, timestamp_pb2

    from agreement import names as alike_names
    from agreement.information import legal_bases
    from audit.completeness import sparse_map
    from audit.completeness import verify as completeness
    from audit.packs import formats
    from audit.packs.timeline import act_words
    from exchange.statements import protobuf_time, trust
    from netral.audit.v1 import service_pb2 as pb
    from netral.kasn.v1 import service_pb2 as kasn_pb
    from netral.kasn.v1 import service_pb2_grpc as kasn_stubs
    from operations.local import client, trail_search, verify


def commands() -> Commands:
    """The commands of this module by name."""
    return {"search": search}


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
    """[ro] Search a party's log, in order of index, as of its newest checkpoint or an earlier one.

    Example: netral audit search --as kasn --type 'kasn.*' --since '2026-11-01T08:00 WITA' --facets
    """
    check_zone(zone)
    _require_type(type_)
    request = pb.SearchRequest(
        page_size=min(limit, trail_search.PAGE),
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
        start_time=_time(since, zone, "--since"),
        end_time=_time(until, zone, "--until"),
        as_of=_time(as_of, zone, "--as-of"),
    )
    if same_person_as:
        request.matters.extend(_of_the_same_person(context, same_person_as))
    trusted = trust.load_parties(parties or context.state.parties_file)
    names = list(verify.parties_with_leaves(context.desks, context.state)) if everywhere else [context.party]
    if complete:
        _search_complete(context, request, names, trusted, zone)
        return
    checked_by = trusted if proofs else None
    answers = {
        name: trail_search.answer(context.desks, context.caller("auditor", name), request, limit, checked_by)
        for name in names
    }
    warn_of_unsettled(answers)
    _show(context, answers, request, zone, limit, everywhere)


def _require_type(type: str) -> None:
    """Refuse a type that no act and no statement has: an empty answer would look like nothing new. `*` at its end asks all the same."""
    if not type or type.endswith("*") or type.startswith("receipt."):
        return
    if act_words.act_words(type, any_pb2.Any())["en"] != type:
        return
    before, _, last = type.rpartition(".")
    acts = (word.partition("/")[0].rpartition(".")[2] for word in formats.word_table().words["act"])
    alike = [f"{before}.{each}" for each in alike_names.close_to(last, acts)] if before else []
    hint = did_you_mean(alike_names.close_to(type, legal_bases.statement_types()) or alike)
    raise typer.BadParameter(
        said("no act and no statement is of the type {value}{hint}", value=type, hint=hint),
        param_hint="--type",
    )


def _time(given: str, zone: str, flag: str) -> "timestamp_pb2.Timestamp | None":
    moment = instant_of(given, zone, flag)
    return None if moment is None else protobuf_time.timestamp(moment)


def _show(
    context: CommandContext,
    answers: "Mapping[str, trail_search.Answer]",
    asked: "pb.SearchRequest",
    zone: str,
    limit: int,
    everywhere: bool,
) -> None:
    """Print the rows of all desks as one story (`everywhere`), or those of one desk; then the counts and how far was looked."""
    rows = (
        trail_search.joined(answers) if everywhere else [row for one in answers.values() for row in one.rows]
    )
    if context.as_json:
        print_json(_as_json(answers, rows) if asked.with_facets else [plain(row, everywhere) for row in rows])
        return
    print_rows(rows, zone, everywhere)
    for name, answer in answers.items():
        print_facets(name, answer)
    for name, answer in answers.items():
        more = "" if answer.whole else said("; there is more, raise --limit over {limit}", limit=limit)
        proved = (
            said(", {value} proved to be in it", value=sum(row.proved for row in answer.rows))
            if asked.with_proofs
            else ""
        )
        err.print(
            said(
                "{name}: {rows} leaves of the log of {size}{proved}{more}",
                name=name,
                rows=len(answer.rows),
                size=answer.size,
                proved=proved,
                more=more,
            )
        )


def _of_the_same_person(context: CommandContext, matter: str) -> list[str]:
    """The matter and the others of its person, by the desk's keyed index. The question is a record of its trail."""
    request = kasn_pb.FindEarlierRequest(name=context.matter(matter), request_id=context.new_request_id())
    found = context.desks.call(kasn_stubs.KasnServiceStub, "FindEarlier", request, context.caller("officer"))
    return [matter, *(each.matter.rpartition("/")[2] for each in found.earlier)]


def _search_complete(
    context: CommandContext, asked: "pb.SearchRequest", names: list[str], trusted: "trust.Parties", zone: str
) -> None:
    key = _one_key(context, asked)
    checked: dict[str, completeness.CompleteAnswer] = {}
    for party in names:
        caller = context.caller("auditor", party)
        if not trail_search.settled(context.desks, caller):
            warn_of_unsettled({party: trail_search.Answer(unsettled=True)})
        try:
            checked[party] = trail_search.complete_answer(context.desks, caller, key, trusted)
        except completeness.Incomplete as error:
            err.print(said("[red]{party}: NOT complete: {error}[/red]", party=party, error=error))
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
            table.add_row(Ordinal(index), at, leaf.type, leaf.author, leaf.actor, leaf.matter)
        out.print(table)
        matters = sum(name.startswith("matter/") for name in one.leaves)
        of = said(" in {matters} matters", matters=matters) if key.startswith("case/") else ""
        out.print(
            said(
                "{party}: complete: {count} of {count} leaves of {key}{of}, as of the signed log of {size}.",
                party=party,
                count=one.count,
                key=key,
                of=of,
                size=one.checkpoint.size,
            ),
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
            said(
                "a whole answer is of one --matter, one --case, or one --actor (with --agency, whose), and nothing else"
            ),
            param_hint="--complete",
        )
    if asked.case_id:
        return sparse_map.of_case(asked.case_id)
    if asked.actor:
        return sparse_map.of_actor(asked.agency or context.party, asked.actor)
    return sparse_map.of_matter(asked.matters[0])


def _whole_as_json(key: str, one: "completeness.CompleteAnswer") -> dict[str, Any]:
    return {
        "key": key,
        "complete": True,
        "leaves": one.count,
        "size": one.checkpoint.size,
        "chains": {name: [as_dict(leaf) for leaf in some] for name, some in one.leaves.items()},
    }


def _as_json(answers: "Mapping[str, trail_search.Answer]", rows: "list[trail_search.Row]") -> dict[str, Any]:
    counted: dict[str, dict[str, dict[str, int]]] = {}
    for party, answer in answers.items():
        for facet in answer.facets:
            counted.setdefault(party, {}).setdefault(facet.name, {})[facet.value] = facet.leaves
    return {"facets": counted, "leaves": [plain(row, len(answers) > 1) for row in rows]}
