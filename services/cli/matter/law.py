"""`netral law …`: every rule of the agreement with its clause, its reading and its certainty. No desk is asked."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cli import language
from cli.deferred_imports import deferred_imports
from cli.language import in_session, refusal_text, said
from cli.options import Commands, JsonOption
from cli.output import out, print_json, table_of
from cli.usage_errors import none_of

with deferred_imports():
    import refusals
    from agreement import law
    from operations.local import client


def commands() -> Commands:
    """The commands of this module by name."""
    return {"show": show, "ls": ls}


def show(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Its name; `netral law ls` lists them.")],
    as_json: JsonOption = False,
) -> None:
    """[ro] Show a rule: what it says, clause, reading and other readings, certainty, period, where it is used.

    Example: netral law show summons-gap
    """
    try:
        found = law.rule(rule)
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None
    if as_json:
        print_json(_facts(found))
        return
    for line in _lines(found):
        out.print(line, highlight=False, soft_wrap=True, markup=False)


def ls(
    kind: Annotated[str, typer.Option(help="Only this kind, such as limit, sanction or clause.")] = "",
    open_: Annotated[
        bool, typer.Option("--open", help="Only what was not read in full, or can be read in two ways.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """[ro] List the rules with their clauses and how sure they are.

    Example: netral law ls --kind limit --open
    """
    kinds = dict.fromkeys(each.kind for each in law.rules().values())
    if kind and kind not in kinds:
        raise typer.BadParameter(none_of(kind, list(kinds)), param_hint="--kind")
    found = [
        each
        for each in law.rules().values()
        if kind in ("", each.kind) and not (open_ and each.certainty == law.READ and not each.others)
    ]
    if as_json:
        print_json([_facts(each) for each in found])
        return
    table = table_of("rule", "kind", "certainty", "clause", "text", whole=("rule",))
    for each in found:
        words = (said(each.kind), said(each.certainty), in_session(each.clause), _text(each))
        table.add_row(each.id, *words)
    out.print(table)


def _text(found: "law.Rule") -> str:
    """The text of a rule in the chosen language, as far as there is one."""
    return found.text_id if language.chosen() == "id" and found.text_id else in_session(found.text)


def _lines(found: "law.Rule") -> Iterator[str]:
    yield f"{found.id} ({said(found.kind)}): {_text(found)}"
    yield from (f"  {in_session(each)}" for each in found.says)
    yield said("clause: {clause}", clause=in_session(found.clause))
    if found.reading:
        yield said("reading: {reading}", reading=in_session(found.reading))
    yield from (said("also read: {each}", each=in_session(each)) for each in found.others)
    yield said("certainty: {certainty}", certainty=said(found.certainty))
    yield said("source: {source}", source=found.source)
    if found.since or found.until:
        yield said(
            "in force: {since} to {until}",
            since=found.since or "…",
            until=said("before {until}", until=found.until) if found.until else said("now"),
        )
    if found.note:
        yield said("note: {note}", note=in_session(found.note))
    used = "; ".join(map(in_session, found.used)) or said("shown only; no act applies it by itself")
    yield said("used: {used}", used=used)


def _facts(found: "law.Rule") -> dict[str, str | list[str] | None]:
    return {
        "id": found.id,
        "kind": found.kind,
        "text": found.text,
        "says": list(found.says),
        "clause": found.clause,
        "reading": found.reading,
        "other_readings": list(found.others),
        "certainty": found.certainty,
        "source": found.source,
        "since": found.since.isoformat() if found.since else None,
        "until": found.until.isoformat() if found.until else None,
        "note": found.note,
        "used": list(found.used),
    }
