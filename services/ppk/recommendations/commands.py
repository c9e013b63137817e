"""Commands on a recommendation as rows. Those that need the discipline procedure stand with it (`ppk.discipline.commands`)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from exchange.context import FactKey
from exchange.delivery.transaction import Transaction
from host.command_rows import Number, Row, Sending, Subject, by_state, undated
from netral.ppk.v1 import service_pb2 as pb
from ppk.recommendations import wire
from ppk.recommendations.domain import changes, commands, rules, states
from ppk.recommendations.domain.events import OwnEvent
from ppk.recommendations.domain.matter import Matter
from ppk.recommendations.tables import MATTERS

CLARIFIED = "netral.personnel_authority.clarified.v1"
OPENED = "netral.personnel_authority.opened.v1"
ACKNOWLEDGED = "netral.personnel_authority.acknowledged.v1"
OBJECTED = "netral.personnel_authority.objected.v1"


def to_examiner(type: str) -> Callable[[Matter, object], Sequence[Sending]]:
    """Tell the matter's examiner what happened."""
    return lambda matter, event: [Sending(type, matter.examiner, matter.heard)]


def keep(tx: Transaction, matter: Matter, event: OwnEvent) -> Matter:
    """Save a matter after an event of this desk."""
    changed = replace(changes.apply(matter, event), updated=tx.now)
    MATTERS.save(tx, matter.id, changed)
    return changed


def _keys(party: str, id: str) -> list[FactKey]:
    return [MATTERS.key(party, id)]


MATTER: Subject[Matter, OwnEvent] = Subject(
    _keys,
    MATTERS.existing,
    keep,
    wire.EVENTS.to_message,
    possible=by_state(states.POSSIBLE),
)
LETTER = (Number("letter", "letter_number"),)

ROWS = (
    Row(
        pb.AnswerClarificationRequest,
        commands.AnswerClarification,
        rules.answer_clarification,
        "ppk.answer_clarification",
        MATTER,
        LETTER,
        to_examiner(CLARIFIED),
        sealed="answer",
    ),
    Row(
        pb.OpenRecommendationRequest,
        commands.OpenRecommendation,
        undated(rules.open_recommendation),
        "ppk.open",
        MATTER,
        sends=to_examiner(OPENED),
    ),
    Row(
        pb.AcknowledgeRecommendationRequest,
        commands.AcknowledgeRecommendation,
        undated(rules.acknowledge),
        "ppk.acknowledge",
        MATTER,
        (Number("register", "register_number"),),
        to_examiner(ACKNOWLEDGED),
    ),
    Row(
        pb.ObjectToRecommendationRequest,
        commands.ObjectToRecommendation,
        rules.object_to,
        "ppk.object",
        MATTER,
        LETTER,
        to_examiner(OBJECTED),
        sealed="reasons",
    ),
)
