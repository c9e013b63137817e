"""`netral matter escalation|silence|lateness`: acts and notices on a matter whose follow-up is late."""

from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import field_name, said
from cli.options import CommandContext, Commands, desk_command
from cli.output import as_dict, day_text, facts_table, out, print_json

with deferred_imports():
    from audit.formats import leaf as formats_leaf
    from audit.log import events
    from netral.bawaslu.v1 import service_pb2 as bawaslu
    from netral.bawaslu.v1 import service_pb2_grpc as bawaslu_stubs
    from netral.kasn.v1 import events_pb2
    from netral.kasn.v1 import service_pb2 as kasn
    from netral.kasn.v1 import service_pb2_grpc as kasn_stubs
    from netral.ppk.v1 import service_pb2 as ppk
    from netral.ppk.v1 import service_pb2_grpc as ppk_stubs
    from operations.local import client, matters


Receipt = Annotated[
    str, typer.Option(help="sha256:<hex> of a receipt in your log. Default: for what you said last.")
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "escalation": escalation,
        "lateness": lateness,
        "silence": silence,
    }


@desk_command(usual="examiner")
def escalation(context: CommandContext, matter: str) -> None:
    """[ro] Show the escalation (tangga eskalasi) of a late recommendation: last step, next step, and who must act.

    Example: netral matter escalation 0199…
    """
    found = context.ask(
        kasn_stubs.KasnReadServiceStub, "GetLadder", kasn.GetLadderRequest(name=context.matter(matter))
    )
    if context.as_json:
        print_json(found)
        return
    facts = facts_table()
    facts.add_row(
        "recommendation",
        said(
            "{letter_number}, due {due_date}",
            letter_number=found.letter_number,
            due_date=day_text(found.due_date),
        ),
    )
    facts.add_row("stands on", f"{found.step or '-'} {day_text(found.step_date)}")
    if found.next_step:
        facts.add_row(
            "next",
            said(
                "{next_step} from {next_date} by {next_actor}",
                next_step=found.next_step,
                next_date=day_text(found.next_date),
                next_actor=found.next_actor,
            ),
        )
    if found.silence:
        word = events_pb2.Silence.Name(found.silence).removeprefix("SILENCE_")
        facts.add_row(
            "silence",
            said(
                "{word} claimed {silence_date} ({claim})",
                word=word,
                silence_date=day_text(found.silence_date),
                claim=found.claim,
            ),
        )
    if found.refuted_by:
        facts.add_row("refuted by", said("receipt sha256:{value}", value=found.refuted_by.hex()))
    out.print(facts)


@desk_command()
def silence(context: CommandContext, matter: str) -> None:
    """[ro] Show the supervisor's claim that the examiner is silent, and its refutation.

    Example: netral matter silence 0199… --as kasn
    """
    name = context.matter(matter)
    found = (
        context.ask(bawaslu_stubs.BawasluReadServiceStub, "GetSilence", bawaslu.GetSilenceRequest(name=name))
        if is_supervisor(context)
        else context.ask(kasn_stubs.KasnReadServiceStub, "GetSilence", kasn.GetSilenceRequest(name=name))
    )
    if context.as_json:
        print_json(found)
        return
    if not found.silence:
        out.print(said("Nothing was claimed."))
        return
    facts = facts_table()
    facts.add_row(
        "silence",
        said(
            "{silence} claimed {silence_date} ({claim})",
            silence=found.silence,
            silence_date=day_text(found.silence_date),
            claim=found.claim,
        ),
    )
    facts.add_row(
        "refuted by",
        said("receipt sha256:{value}", value=found.refuted_by.hex()) if found.refuted_by else "-",
    )
    out.print(facts)


@desk_command(usual="authority")
def lateness(context: CommandContext, matter: str) -> None:
    """[ro] Show the notices of lateness that an authority received: reminder, claim of silence, escalation.

    Example: netral matter lateness 0199… --as ppk-6202
    """
    found = context.ask(
        ppk_stubs.PpkReadServiceStub, "GetNotice", ppk.GetNoticeRequest(name=context.matter(matter))
    )
    if context.as_json:
        print_json(found)
        return
    facts = facts_table()
    for name, value in as_dict(found).items():
        if isinstance(value, dict):
            value = day_text(getattr(found, name))
        if value:
            facts.add_row(field_name(name), str(value))
    out.print(facts)


def is_supervisor(context: CommandContext) -> bool:
    return context.desks.desk_of(context.party) == "bawaslu"


def last_receipt(context: CommandContext, matter: str) -> bytes:
    """SHA-256 of the last receipt that another party signed for what this one said; else of its own for the recommendation."""
    found: list[tuple[bool, int, bytes]] = []
    for leaf in matters.leaves_of(context.desks, context.caller("auditor"), matter):
        decoded = events.decode_leaf(leaf.body)
        if decoded.kind is formats_leaf.Kind.RECEIPT:
            receipt = decoded.receipt()
            others = receipt.recipient != context.party
            found.append((others, receipt.time.ToNanoseconds(), decoded.digest))
    if not found:
        raise client.Refused(
            "NOT_FOUND",
            said("the log of {party} has no receipt on this matter", party=context.party),
            "NO_RECEIPT",
        )
    return max(found)[2]
