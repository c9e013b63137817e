"""Claim of the examiner's silence; it is told, so that it can refute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bawaslu.matters.commands import COMPLETED, REFERRED
from bawaslu.matters.domain.matter import Matter
from bawaslu.matters.tables import MATTERS
from bawaslu.silence import domain, wire
from bawaslu.silence.domain import ReferralEvidence, Silence
from bawaslu.silence.tables import SILENCES
from exchange.context import FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery.transaction import Transaction
from host.command_rows import Row, Sending, Subject
from netral.bawaslu.v1 import service_pb2 as pb
from refusals import WrongState

CLAIMED = "netral.supervisor.silence_claimed.v1"


@dataclass(frozen=True)
class Unanswered:
    """A matter with what was claimed of it, and what is held of the last referral, or of what completed it.

    An examiner that took over has it from the former one.
    """

    matter: Matter
    silence: Silence
    evidence: ReferralEvidence

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
    return [MATTERS.key(party, id), SILENCES.key(party, id), delivery_evidence.sent_key(party, id)]


def _load(tx: Transaction, id: str) -> Unanswered:
    matter, silence = MATTERS.existing(tx, id), SILENCES.find(tx, id) or Silence(tx.party, id)
    sent: tuple[delivery_evidence.SentStatement, ...] = tx.get(delivery_evidence.sent_key(tx.party, id)) or ()
    own = [each for each in sent if each.type in (REFERRED, COMPLETED)]
    if not own:
        raise WrongState("nothing was referred to the examiner")
    last = own[-1]
    return Unanswered(matter, silence, ReferralEvidence(last.id, last.time, last.custody, last.receipt))


def _keep(tx: Transaction, known: Unanswered, event: domain.SilenceClaimed) -> Unanswered:
    """The claim has the id of the statement that was just sent."""
    SILENCES.save(tx, known.id, domain.apply(known.silence, event, tx.sendings[-1].id))
    return known


def _claim(known: Unanswered, command: domain.ClaimSilence, today: date) -> domain.SilenceClaimed:
    return domain.claim(known.matter, known.evidence, today)


def _to_examiner(known: Unanswered, event: object) -> Sequence[Sending]:
    return [Sending(CLAIMED, known.matter.examiner, known.matter.heard)]


SILENCE: Subject[Unanswered, domain.SilenceClaimed] = Subject(
    _keys,
    _load,
    _keep,
    wire.EVENTS.to_message,
    possible=lambda known, command: known.state in domain.AWAITED,
)
METHODS = (
    Row(
        pb.ClaimSilenceRequest,
        _claim,
        "bawaslu.claim_silence",
        SILENCE,
        sends=_to_examiner,
    ),
)
