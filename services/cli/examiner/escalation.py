"""What officers type when a follow-up is late: the ladder, escalation, claims of silence and their refutation."""

from hashlib import sha256
from typing import Annotated

import typer

from audit.formats.leaf import Kind
from cli.matter.matters import leaves_of
from cli.options import (
    CommandContext,
    Day,
    as_dict,
    date_of,
    day_text,
    desk_command,
    digest_of,
    facts_table,
    out,
    print_json,
)
from exchange.statements import envelope, receipts
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluReadServiceStub, BawasluServiceStub
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.events_pb2 import Silence
from netral.kasn.v1.service_pb2_grpc import KasnReadServiceStub, KasnServiceStub
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.service_pb2_grpc import PpkReadServiceStub, PpkServiceStub
from operations.local.client import Refused

_EXAMINER, _AUTHORITY = "Examiner (KASN, BKN)", "Personnel authority (PPK)"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for name, command in {
        "ladder": ladder,
        "escalate": escalate,
        "claim-silence": claim_silence,
    }.items():
        app.command(name, rich_help_panel=_EXAMINER)(command)
    app.command("silence", rich_help_panel="Every desk")(silence)
    app.command("notice", rich_help_panel=_AUTHORITY)(notice)
    app.command("refute-silence", rich_help_panel=_AUTHORITY)(refute_silence)


@desk_command("examiner")
def ladder(door: CommandContext, matter: str) -> None:
    """\\[ro] Where a late recommendation stands on the ladder, what comes next and who must act, what was said of silence.

    Example: netral ladder 0199…
    """
    found = door.ask(KasnReadServiceStub, "GetLadder", kasn.GetLadderRequest(name=door.matter(matter)))
    if door.as_json:
        print_json(found)
        return
    facts = facts_table()
    facts.add_row("recommendation", f"{found.letter_number}, due {day_text(found.due_date)}")
    facts.add_row("stands on", f"{found.step or '-'} {day_text(found.step_date)}")
    if found.next_step:
        facts.add_row("next", f"{found.next_step} from {day_text(found.next_date)} by {found.next_actor}")
    if found.silence:
        word = Silence.Name(found.silence).removeprefix("SILENCE_")
        facts.add_row("silence", f"{word} claimed {day_text(found.silence_date)} ({found.claim})")
    if found.refuted_by:
        facts.add_row("refuted by", f"receipt sha256:{found.refuted_by.hex()}")
    out.print(facts)


@desk_command("examiner", writes=True)
def escalate(
    door: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the letter of escalation.")],
    date: Day,
) -> None:
    """\\[rw] Put an overdue recommendation before the addressee's superior (governor, Mendagri).

    Example: netral escalate 0199… --number B-91/KASN/1/2024 --date 2024-01-08
    """
    request = kasn.EscalateRequest(name=door.matter(matter), letter_number=number, letter_date=date_of(date))
    door.act(KasnServiceStub, "Escalate", request)


@desk_command("examiner", writes=True)
def claim_silence(door: CommandContext, matter: str) -> None:
    """\\[rw] Claim that the addressee is silent, signed, with what this desk holds; the addressee can refute it.

    As the supervisor: that the examiner is silent on what was referred to it.

    Example: netral claim-silence 0199…
    """
    if _is_supervisor(door):
        door.act(BawasluServiceStub, "ClaimSilence", bawaslu.ClaimSilenceRequest(name=door.matter(matter)))
    else:
        door.act(KasnServiceStub, "ClaimSilence", kasn.ClaimSilenceRequest(name=door.matter(matter)))


@desk_command()
def silence(door: CommandContext, matter: str) -> None:
    """\\[ro] What the supervisor claimed of the examiner's silence, and how it was refuted; as either of them.

    Example: netral silence 0199… --as kasn
    """
    name = door.matter(matter)
    found = (
        door.ask(BawasluReadServiceStub, "GetSilence", bawaslu.GetSilenceRequest(name=name))
        if _is_supervisor(door)
        else door.ask(KasnReadServiceStub, "GetSilence", kasn.GetSilenceRequest(name=name))
    )
    if door.as_json:
        print_json(found)
        return
    if not found.silence:
        out.print("Nothing was claimed.")
        return
    facts = facts_table()
    facts.add_row("silence", f"{found.silence} claimed {day_text(found.silence_date)} ({found.claim})")
    facts.add_row("refuted by", f"receipt sha256:{found.refuted_by.hex()}" if found.refuted_by else "-")
    out.print(facts)


@desk_command("authority")
def notice(door: CommandContext, matter: str) -> None:
    """\\[ro] What this authority was told of lateness: reminder, claim of silence, escalation to it as superior.

    Example: netral notice 0199… --as ppk-6202
    """
    found = door.ask(PpkReadServiceStub, "GetNotice", ppk.GetNoticeRequest(name=door.matter(matter)))
    if door.as_json:
        print_json(found)
        return
    facts = facts_table()
    for name, value in as_dict(found).items():
        if isinstance(value, dict):
            value = day_text(getattr(found, name))
        if value:
            facts.add_row(name.replace("_", " "), str(value))
    out.print(facts)


@desk_command("authority", writes=True)
def refute_silence(
    door: CommandContext,
    matter: str,
    receipt: Annotated[
        str, typer.Option(help="sha256:<hex> of a receipt in your log. Default: for what you said last.")
    ] = "",
) -> None:
    """\\[rw] Refute a claim of silence with a receipt out of your own log; as an authority or as the examiner.

    Example: netral refute-silence 0199… --as ppk-6202
    """
    name, digest = door.matter(matter), digest_of(receipt) if receipt else _last_receipt(door, matter)
    if door.desks.desk_of(door.party) == "kasn":
        refuted = kasn.RefuteSilenceRequest(name=name, receipt_digest=digest)
        door.act(KasnServiceStub, "RefuteSilence", refuted)
    else:
        door.act(PpkServiceStub, "RefuteSilence", ppk.RefuteSilenceRequest(name=name, receipt_digest=digest))


def _is_supervisor(door: CommandContext) -> bool:
    return door.desks.desk_of(door.party) == "bawaslu"


def _last_receipt(door: CommandContext, matter: str) -> bytes:
    """SHA-256 of the last receipt that another party signed for what this one said; else of its own for the recommendation."""
    found: list[tuple[bool, int, bytes]] = []
    for leaf in leaves_of(door.desks, door.caller("auditor"), matter):
        if Kind(leaf.body[0]) is Kind.RECEIPT:
            receipt = receipts.read(envelope.read(leaf.body[1:]))
            others = receipt.recipient != door.party
            found.append((others, receipt.time.ToNanoseconds(), sha256(leaf.body[1:]).digest()))
    if not found:
        raise Refused("NOT_FOUND", f"the log of {door.party} has no receipt on this matter", "NO_RECEIPT")
    return max(found)[2]
