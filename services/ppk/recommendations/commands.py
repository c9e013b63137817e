"""Commands on a recommendation as rows. Those that need the discipline procedure stand with it (`ppk.discipline.commands`)."""

from collections.abc import Sequence
from typing import TypeVar

from agreement.entities import replace
from exchange.delivery.transaction import Transaction
from exchange.statements.event_messages import statement_type
from host.command_rows import Number, Row, Sending, Subject, by_state, undated
from netral.ppk.v1 import service_pb2 as pb
from ppk.recommendations import wire
from ppk.recommendations.domain import changes, rules, states
from ppk.recommendations.domain.events import OwnEvent
from ppk.recommendations.domain.matter import Matter
from ppk.recommendations.tables import MATTERS

E = TypeVar("E")


def to_examiner(matter: Matter, event: E) -> Sequence[Sending]:
    """Tell the matter's examiner what happened, by the statement type that has the event's name."""
    return [Sending(statement_type("personnel_authority", type(event)), matter.examiner, matter.heard)]


def keep(tx: Transaction, matter: Matter, event: OwnEvent) -> Matter:
    """Save a matter after an event of this desk."""
    changed = replace(changes.apply(matter, event), updated=tx.now)
    MATTERS.save(tx, matter.id, changed)
    return changed


MATTER: Subject[Matter, OwnEvent] = Subject(
    MATTERS.keys,
    MATTERS.existing,
    keep,
    wire.EVENTS.to_message,
    possible=by_state(states.POSSIBLE),
    sends=to_examiner,
)
LETTER = (Number("letter", "letter_number"),)

ROWS = (
    Row(
        pb.AnswerClarificationRequest,
        rules.answer_clarification,
        "ppk.answer_clarification",
        MATTER,
        LETTER,
        sealed="answer",
    ),
    Row(
        pb.OpenRecommendationRequest,
        undated(rules.open_recommendation),
        "ppk.open",
        MATTER,
    ),
    Row(
        pb.AcknowledgeRecommendationRequest,
        undated(rules.acknowledge),
        "ppk.acknowledge",
        MATTER,
        (Number("register", "register_number"),),
    ),
    Row(
        pb.ObjectToRecommendationRequest,
        rules.object_to,
        "ppk.object",
        MATTER,
        LETTER,
        sealed="reasons",
    ),
)
