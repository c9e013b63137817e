"""Commands of the discipline procedure as rows, with those on a recommendation that need the procedure.

The record of a step has the whole step; the examiner hears its kind and date.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from google.protobuf.message import Message

from exchange.context import FactKey
from exchange.delivery.transaction import Transaction
from host.command_rows import Number, Row, Sending, Subject, by_state
from netral.ppk.v1 import discipline_service_pb2 as pb
from netral.ppk.v1 import service_pb2
from ppk.discipline import wire
from ppk.discipline.domain import proceedings, rules
from ppk.discipline.domain.proceedings import Proceeding, Stage
from ppk.discipline.tables import PROCEEDINGS
from ppk.recommendations import commands as recommendations
from ppk.recommendations.commands import LETTER
from ppk.recommendations.domain import commands, events, states
from ppk.recommendations.domain.matter import Matter, State
from ppk.recommendations.tables import MATTERS
from ppk.recommendations.wire import EVENTS

PROGRESSED = "netral.personnel_authority.progressed.v1"
APPEALED = "netral.personnel_authority.appealed.v1"
REJECTED = "netral.personnel_authority.rejected.v1"
DECIDED = "netral.personnel_authority.decided.v1"
FOLLOWED_UP = "netral.personnel_authority.followed_up.v1"

C = TypeVar("C")
E = TypeVar("E")
Event = proceedings.Step | events.OwnEvent


@dataclass(frozen=True)
class Procedure:
    """A matter with its procedure, which is there from its first step on."""

    matter: Matter
    proceeding: Proceeding

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
    return [MATTERS.key(party, id), PROCEEDINGS.key(party, id)]


def _load(tx: Transaction, id: str) -> Procedure:
    return Procedure(MATTERS.existing(tx, id), PROCEEDINGS.find(tx, id) or Proceeding(tx.party, id))


def _keep(tx: Transaction, known: Procedure, event: Event) -> Procedure:
    """A decree and an appeal change both the matter and its procedure."""
    if isinstance(event, proceedings.Event):
        PROCEEDINGS.save(tx, known.id, proceedings.apply(known.proceeding, event))
    if isinstance(event, events.OwnEvent):
        return replace(known, matter=recommendations.keep(tx, known.matter, event))
    return known


def _facts(event: Event) -> Message:
    return EVENTS.to_message(event) if isinstance(event, events.OwnEvent) else wire.STEPS.to_message(event)


def _possible(known: Procedure, command: type[object]) -> bool:
    """A command on the recommendation goes by the matter's state, and by the procedure's stage if it has a place there."""
    of_both: dict[type[object], tuple[frozenset[Stage], frozenset[State]]] = dict(rules.POSSIBLE.items())
    if command in of_both:
        stages, in_states = of_both[command]
        return known.proceeding.stage in stages and known.matter.state in in_states
    return by_state(states.POSSIBLE)(known.matter, command)


PROCEDURE: Subject[Procedure, Event] = Subject(
    _keys,
    _load,
    _keep,
    _facts,
    possible=_possible,
)


def _progress(known: Procedure, event: Event) -> Sequence[Sending]:
    told = proceedings.progress(event) if isinstance(event, proceedings.Step) else None
    if told is None:
        return ()
    facts = wire.progress(told)
    return [Sending(PROGRESSED, known.matter.examiner, known.matter.heard, facts, sealed=False)]


def _to_examiner(type: str) -> Callable[[Procedure, object], Sequence[Sending]]:
    return lambda known, event: [Sending(type, known.matter.examiner, known.matter.heard)]


def _of_both(rule: Callable[[Matter, Proceeding, C, date], E]) -> Callable[[Procedure, C, date], E]:
    return lambda known, command, today: rule(known.matter, known.proceeding, command, today)


DECREE = (Number("decree", "decree_number"),)

ROWS = (
    Row(
        pb.CheckEmployeeRequest,
        rules.CheckEmployee,
        _of_both(rules.check_employee),
        "ppk.check_employee",
        PROCEDURE,
        sends=_progress,
    ),
    Row(
        pb.FormTeamRequest,
        rules.FormTeam,
        _of_both(rules.form_team),
        "ppk.form_team",
        PROCEDURE,
        DECREE,
        _progress,
        filed="remarks",
    ),
    Row(pb.SummonRequest, rules.Summon, _of_both(rules.summon), "ppk.summon", PROCEDURE, LETTER, _progress),
    Row(
        pb.RecordAbsenceRequest,
        rules.RecordAbsence,
        _of_both(rules.record_absence),
        "ppk.record_absence",
        PROCEDURE,
        sends=_progress,
    ),
    Row(
        pb.RecordExaminationRequest,
        rules.RecordExamination,
        _of_both(rules.record_examination),
        "ppk.record_examination",
        PROCEDURE,
        sends=_progress,
        filed="remarks",
    ),
    Row(
        pb.ConcludeExaminationRequest,
        rules.ConcludeExamination,
        _of_both(rules.conclude_examination),
        "ppk.conclude_examination",
        PROCEDURE,
        (Number("examination", "report_number"),),
        _progress,
    ),
    Row(
        pb.DeliverDecisionRequest,
        rules.DeliverDecision,
        _of_both(rules.deliver),
        "ppk.deliver",
        PROCEDURE,
        sends=_progress,
    ),
    Row(  # the number of an appeal is not the authority's, so it is not used up
        pb.FileAppealRequest,
        rules.FileAppeal,
        _of_both(rules.file_appeal),
        "ppk.file_appeal",
        PROCEDURE,
        sends=_to_examiner(APPEALED),
    ),
    Row(
        pb.DecideAppealRequest,
        rules.DecideAppeal,
        _of_both(rules.decide_appeal),
        "ppk.decide_appeal",
        PROCEDURE,
        DECREE,
        _to_examiner(APPEALED),
    ),
)
# In the service of recommendations.
ON_RECOMMENDATIONS = (
    Row(
        service_pb2.RejectRecommendationRequest,
        commands.RejectRecommendation,
        _of_both(rules.reject),
        "ppk.reject",
        PROCEDURE,
        sends=_to_examiner(REJECTED),
        sealed="remarks",
    ),
    Row(
        service_pb2.ImposeSanctionRequest,
        commands.ImposeSanction,
        _of_both(rules.impose_sanction),
        "ppk.impose_sanction",
        PROCEDURE,
        DECREE,
        _to_examiner(DECIDED),
    ),
    Row(
        service_pb2.ReportFollowUpRequest,
        commands.ReportFollowUp,
        _of_both(rules.report_follow_up),
        "ppk.report_follow_up",
        PROCEDURE,
        LETTER,
        _to_examiner(FOLLOWED_UP),
        sealed="remarks",
    ),
)
