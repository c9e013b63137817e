"""`netral examiner reprimand|escalate|claim-silence|refute-silence`: the examiner's acts when a follow-up or its own answer is late."""

from collections.abc import Mapping

from cli.acts import Act, ActService
from cli.deferred_imports import deferred_imports
from cli.matter.late import Receipt, last_receipt
from cli.options import Command, CommandContext, Commands, desk_command, digest_of

with deferred_imports():
    from netral.kasn.v1 import service_pb2 as pb
    from netral.kasn.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    service = ActService("netral.kasn.v1.KasnService", pb, stubs, "examiner", "examiner")
    return service.commands(_ACTS)


@desk_command("examiner", writes=True)
def refute_silence(context: CommandContext, matter: str, receipt: Receipt = "") -> None:
    """[rw] Refute the supervisor's claim of silence with a receipt out of your own log.

    Example: netral examiner refute-silence 0199…
    """
    digest = digest_of(receipt) if receipt else last_receipt(context, matter)
    request = pb.RefuteSilenceRequest(name=context.matter(matter), receipt_digest=digest)
    context.act(stubs.KasnServiceStub, "RefuteSilence", request)


_ACTS: Mapping[str, Act | Command] = {
    "reprimand": Act("Reprimand", "--number 812/B-AK.02.01/SD/K/2024 --date 2024-11-18"),
    "escalate": Act("Escalate", "--number B-91/KASN/1/2024 --date 2024-01-08"),
    "claim-silence": Act("ClaimSilence"),
    "refute-silence": refute_silence,
}
