"""`netral examiner escalate|claim-silence|refute-silence`: the examiner's acts when a follow-up or its own answer is late."""

from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.matter.late import Receipt, last_receipt
from cli.options import CommandContext, Commands, Day, date_of, desk_command, digest_of

with deferred_imports():
    from netral.kasn.v1 import service_pb2 as pb
    from netral.kasn.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {"escalate": escalate, "claim-silence": claim_silence, "refute-silence": refute_silence}


@desk_command("examiner", writes=True)
def escalate(
    context: CommandContext,
    matter: str,
    number: Annotated[str, typer.Option(help="Number of the letter of escalation.")],
    date: Day,
) -> None:
    """[rw] Put an overdue recommendation before the addressee's superior (governor, Mendagri).

    Example: netral examiner escalate 0199… --number B-91/KASN/1/2024 --date 2024-01-08
    """
    request = pb.EscalateRequest(name=context.matter(matter), letter_number=number, letter_date=date_of(date))
    context.act(stubs.KasnServiceStub, "Escalate", request)


@desk_command("examiner", writes=True)
def claim_silence(context: CommandContext, matter: str) -> None:
    """[rw] Claim that the addressee is silent. The claim is signed, and the addressee can refute it.

    Example: netral examiner claim-silence 0199…
    """
    request = pb.ClaimSilenceRequest(name=context.matter(matter))
    context.act(stubs.KasnServiceStub, "ClaimSilence", request)


@desk_command("examiner", writes=True)
def refute_silence(context: CommandContext, matter: str, receipt: Receipt = "") -> None:
    """[rw] Refute the supervisor's claim of silence with a receipt out of your own log.

    Example: netral examiner refute-silence 0199…
    """
    digest = digest_of(receipt) if receipt else last_receipt(context, matter)
    request = pb.RefuteSilenceRequest(name=context.matter(matter), receipt_digest=digest)
    context.act(stubs.KasnServiceStub, "RefuteSilence", request)
