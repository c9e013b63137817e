"""Verifies every log of an installation as an auditor does: read from its desk, checked with the parties file alone."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from audit.formats.leaf import Kind
from audit.log.envelope import Unreadable
from audit.log.events import decode_leaf
from audit.verification.findings import Verified
from audit.verification.logs import verify_log
from exchange.reconciliation.matter_timeline import ERASED, erased
from exchange.statements import trust
from exchange.statements.public_keys import author_keys, log_keys
from netral.audit.v1 import service_pb2 as pb
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from operations.local.client import Caller, Desks
from operations.local.installation import HOSTS, Installation


class Erasures:
    """Collects, from logs on their way to be verified, where they say that personal data were erased lawfully: commitments that
    nothing opens any more are not missing there."""

    def __init__(self) -> None:
        self.found: list[dict[str, str | int]] = []

    def of(self, party: str, items: Iterable[pb.ExportLogResponse]) -> Iterator[pb.ExportLogResponse]:
        """The same items."""
        for item in items:
            if item.leaf.type == ERASED and decode_leaf(item.leaf.body).kind is Kind.RECORD:
                self._note(party, item.leaf)
            yield item

    def _note(self, party: str, leaf: pb.Leaf) -> None:
        with suppress(Unreadable):  # a damaged leaf is a finding already
            words = erased(decode_leaf(leaf.body).record(), leaf.index)
            where: dict[str, str | int] = {"party": party, "index": leaf.index, "matter": leaf.matter}
            self.found.append(where | {"says": words.get("en", ""), "says_id": words.get("id", "")})


def verify_world(
    desks: Desks,
    world: Installation,
    trusted: trust.Parties,
    done: Callable[[Verified], None] = lambda log: None,
    erasures: Erasures | None = None,
) -> list[Verified]:
    """Verify every log that has leaves, each read from its desk."""
    verified = []
    for party in parties_with_leaves(desks, world):
        items = exported(desks, Caller(party, "auditor-1", "auditor"))
        if erasures is not None:
            items = erasures.of(party, items)
        verified.append(verify_party(party, items, trusted))
        done(verified[-1])
    return verified


def parties_with_leaves(desks: Desks, world: Installation) -> Iterator[str]:
    """The parties of a world whose logs are not empty."""
    for host in HOSTS:
        first = world.hosts()[host][0]
        request = pb.ListLogsRequest(page_size=1000, skip_empty=True)
        for page in desks.pages(AuditServiceStub, "ListLogs", request, Caller(first, "auditor-1", "auditor")):
            yield from (found.origin.removeprefix("netral/") for found in page.checkpoints)


def exported(desks: Desks, caller: Caller) -> Iterator[pb.ExportLogResponse]:
    """A party's whole log, as its desk tells it."""
    request = pb.ExportLogRequest(parent=f"institutions/{caller.party}")
    return desks.stream(AuditServiceStub, "ExportLog", request, caller)


def verify_party(party: str, items: Iterable[pb.ExportLogResponse], trusted: trust.Parties) -> Verified:
    """Verify one log with the keys of the parties file."""
    return verify_log(party, items, author_keys(trusted), log_keys(trusted, party))
