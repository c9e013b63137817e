"""Refutation of a supervisor's claim of this examiner's silence, with a receipt out of its own log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from exchange.context import FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery.transaction import Transaction
from host.command_rows import Row, Sending, Subject
from kasn.matters.domain.matter import Matter
from kasn.matters.tables import MATTERS
from kasn.silence import domain, wire
from kasn.silence.domain import Claim
from kasn.silence.tables import CLAIMS
from netral.kasn.v1 import service_pb2 as pb

REFUTED = "netral.examiner.silence_refuted.v1"


@dataclass(frozen=True)
class ClaimedSilence:
    """A claim on a matter, and the receipts of this log on it: digest to statement id."""

    matter: Matter
    claim: Claim
    receipts: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.matter.id

    @property
    def case_id(self) -> str:
        return self.matter.case_id

    @property
    def state(self) -> str:
        return self.matter.state


def _keys(party: str, id: str) -> list[FactKey]:
    return [MATTERS.key(party, id), CLAIMS.key(party, id), delivery_evidence.receipts_key(party, id)]


def _load(tx: Transaction, id: str) -> ClaimedSilence:
    matter, claim = MATTERS.existing(tx, id), CLAIMS.find(tx, id) or Claim(tx.party, id)
    return ClaimedSilence(matter, claim, tx.get(delivery_evidence.receipts_key(tx.party, id)) or {})


def _keep(tx: Transaction, known: ClaimedSilence, event: domain.SilenceRefuted) -> ClaimedSilence:
    CLAIMS.save(tx, known.id, domain.apply(known.claim, event))
    return known


def _refute(known: ClaimedSilence, command: domain.RefuteSilence, today: date) -> domain.SilenceRefuted:
    return domain.refute(known.claim, command, known.receipts)


def _to_supervisor(known: ClaimedSilence, event: object) -> Sequence[Sending]:
    return [Sending(REFUTED, known.claim.supervisor, known.claim.claim)]


SILENCE: Subject[ClaimedSilence, domain.SilenceRefuted] = Subject(
    _keys,
    _load,
    _keep,
    wire.EVENTS.to_message,
    possible=lambda known, command: bool(known.claim.claim),
)
METHODS = (
    Row(
        pb.RefuteSilenceRequest,
        _refute,
        "kasn.refute_silence",
        SILENCE,
        sends=_to_supervisor,
    ),
)
