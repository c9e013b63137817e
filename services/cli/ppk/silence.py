"""`netral ppk refute-silence`: an authority's answer to a claim that it is silent."""

from cli.deferred_imports import deferred_imports
from cli.matter.late import Receipt, last_receipt
from cli.options import CommandContext, Commands, desk_command, digest_of

with deferred_imports():
    from netral.ppk.v1 import service_pb2 as pb
    from netral.ppk.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {"refute-silence": refute_silence}


@desk_command("authority", writes=True)
def refute_silence(context: CommandContext, matter: str, receipt: Receipt = "") -> None:
    """[rw] Refute a claim of silence with a receipt out of your own log.

    Example: netral ppk refute-silence 0199… --as ppk-6202
    """
    digest = digest_of(receipt) if receipt else last_receipt(context, matter)
    request = pb.RefuteSilenceRequest(name=context.matter(matter), receipt_digest=digest)
    context.act(stubs.PpkServiceStub, "RefuteSilence", request)
