"""Refutation of a claim of silence, with a receipt out of the authority's own log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from exchange.context import FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery.transaction import Transaction
from host.command_rows import Row, Sending, Subject
from netral.ppk.v1 import service_pb2 as pb
from ppk.lateness import domain, wire
from ppk.lateness.domain import Notice
from ppk.lateness.tables import NOTICES
from ppk.recommendations.domain.matter import Matter
from ppk.recommendations.tables import MATTERS
from refusals import NotFound

SILENCE_REFUTED = "netral.personnel_authority.silence_refuted.v1"


@dataclass(frozen=True)
class ClaimedSilence:
    """A notice of lateness on a matter, and the receipts of this log on it: digest to statement id."""

    matter: Matter
    notice: Notice
    receipts: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.notice.id

    @property
    def case_id(self) -> str:
        return self.notice.case_id

    @property
    def state(self) -> str:
        return self.matter.state


def _keys(party: str, id: str) -> list[FactKey]:
    return [MATTERS.key(party, id), NOTICES.key(party, id), delivery_evidence.receipts_key(party, id)]


def _load(tx: Transaction, id: str) -> ClaimedSilence:
    matter, notice = MATTERS.find(tx, id), NOTICES.find(tx, id)
    if matter is None or notice is None:
        raise NotFound("silence was not claimed on such a matter at this party", field="name")
    return ClaimedSilence(matter, notice, tx.get(delivery_evidence.receipts_key(tx.party, id)) or {})


def _keep(tx: Transaction, known: ClaimedSilence, event: domain.SilenceRefuted) -> ClaimedSilence:
    NOTICES.save(tx, known.id, replace(domain.apply(known.notice, event), updated=tx.now))
    return known


def _refute(known: ClaimedSilence, command: domain.RefuteSilence, today: date) -> domain.SilenceRefuted:
    return domain.refute(known.notice, command, known.receipts)


def _to_examiner(known: ClaimedSilence, event: object) -> Sequence[Sending]:
    return [Sending(SILENCE_REFUTED, known.notice.examiner, known.notice.claim)]


SILENCE: Subject[ClaimedSilence, domain.SilenceRefuted] = Subject(
    _keys,
    _load,
    _keep,
    wire.EVENTS.to_message,
    possible=lambda known, command: bool(known.notice.claim),
)
ROWS = (
    Row(
        pb.RefuteSilenceRequest,
        _refute,
        "ppk.refute_silence",
        SILENCE,
        sends=_to_examiner,
    ),
)
