"""Commands of the discipline procedure as rows, with those on a recommendation that need the procedure.

The record of a step has the whole step; the examiner hears its kind and date.
"""

from collections.abc import Sequence

from google.protobuf.message import Message

from agreement.entities import replace
from exchange.context import FactKey
from exchange.delivery.entity_store import free_number
from exchange.delivery.transaction import Transaction
from host.command_rows import Number, Row, Sending, Subject, by_state
from netral.ppk.v1 import discipline_service_pb2 as pb
from netral.ppk.v1 import service_pb2
from ppk.discipline import wire
from ppk.discipline.domain import council, on_recommendation, proceedings, rules
from ppk.discipline.domain.proceedings import Procedure, Proceeding
from ppk.discipline.tables import PROCEEDINGS
from ppk.recommendations import commands as recommendations
from ppk.recommendations.commands import LETTER
from ppk.recommendations.domain import events, states
from ppk.recommendations.tables import MATTERS
from ppk.recommendations.wire import EVENTS

PROGRESSED = "netral.personnel_authority.progressed.v1"

Event = proceedings.Step | events.OwnEvent


def _keys(party: str, id: str) -> list[FactKey]:
    return [MATTERS.key(party, id), PROCEEDINGS.key(party, id)]


def _load(tx: Transaction, id: str) -> Procedure:
    return Procedure(MATTERS.existing(tx, id), PROCEEDINGS.find(tx, id) or Proceeding(tx.party, id))


def _keep(tx: Transaction, known: Procedure, event: Event) -> Procedure:
    """A decree and an appeal change both the matter and its procedure; a wrong number is free for the decree whose it is."""
    if isinstance(event, events.DecreeCorrected) and event.former_number != event.decree_number:
        free_number(tx, DECREE_NUMBER, event.former_number)
    if isinstance(event, proceedings.Event):
        PROCEEDINGS.save(tx, known.id, proceedings.apply(known.proceeding, event))
    if isinstance(event, events.OwnEvent):
        return replace(known, matter=recommendations.keep(tx, known.matter, event))
    return known


def _facts(event: Event) -> Message:
    return EVENTS.to_message(event) if isinstance(event, events.OwnEvent) else wire.STEPS.to_message(event)


def _possible(known: Procedure, command: type[object]) -> bool:
    """A command on the recommendation goes by the matter's state, and by the procedure's stage if it has a place there."""
    of_both: dict[type[object], rules.Possible] = dict(rules.POSSIBLE.items())
    if command in of_both:
        return of_both[command].is_at(known)
    return by_state(states.POSSIBLE)(known.matter, command)


def _sends(known: Procedure, event: Event) -> Sequence[Sending]:
    """The examiner hears of a step as progress, of what has a statement type of its own by that, and of the check nothing."""
    if isinstance(event, proceedings.EmployeeChecked):
        return ()
    if isinstance(event, proceedings.Progress):
        facts = wire.progress(proceedings.progress(event))
        return [Sending(PROGRESSED, known.matter.examiner, known.matter.heard, facts, sealed=False)]
    return recommendations.to_examiner(known.matter, event)


PROCEDURE: Subject[Procedure, Event] = Subject(_keys, _load, _keep, _facts, possible=_possible, sends=_sends)
DECREE_NUMBER = "decree"
DECREE = (Number(DECREE_NUMBER, "decree_number"),)
REPORT = (Number("examination", "report_number"),)

ROWS = (
    Row(pb.CheckEmployeeRequest, rules.check_employee, "ppk.check_employee", PROCEDURE),
    Row(pb.FormTeamRequest, rules.form_team, "ppk.form_team", PROCEDURE, DECREE, filed="remarks"),
    Row(pb.SummonRequest, rules.summon, "ppk.summon", PROCEDURE, LETTER, warns=rules.on_a_day_off),
    Row(pb.RecordAbsenceRequest, rules.record_absence, "ppk.record_absence", PROCEDURE),
    Row(
        pb.RecordExaminationRequest,
        rules.record_examination,
        "ppk.record_examination",
        PROCEDURE,
        filed="remarks",
    ),
    Row(
        pb.ConcludeExaminationRequest,
        rules.conclude_examination,
        "ppk.conclude_examination",
        PROCEDURE,
        REPORT,
    ),
    # Neither number is used up: a standing council sits on many matters, and may decide on several persons at once.
    Row(pb.FormCouncilRequest, council.form, "ppk.form_council", PROCEDURE, filed="remarks"),
    Row(pb.RecordDefenceRequest, council.record_defence, "ppk.record_defence", PROCEDURE, filed="remarks"),
    Row(
        pb.RecordCouncilDecisionRequest,
        council.record_decision,
        "ppk.record_council_decision",
        PROCEDURE,
    ),
    Row(pb.ReleaseFromDutyRequest, rules.release_from_duty, "ppk.release_from_duty", PROCEDURE, DECREE),
    Row(
        pb.CorrectDecreeRequest,
        rules.correct_decree,
        "ppk.correct_decree",
        PROCEDURE,
        DECREE,
        sealed="remarks",
    ),
    Row(pb.DeliverDecisionRequest, rules.deliver, "ppk.deliver", PROCEDURE),
    # The number of an appeal is not the authority's, so it is not used up.
    Row(
        pb.FileAppealRequest,
        rules.file_appeal,
        "ppk.file_appeal",
        PROCEDURE,
        warns=rules.unusual_appeal,
    ),
    Row(pb.DecideAppealRequest, rules.decide_appeal, "ppk.decide_appeal", PROCEDURE, DECREE),
)
# In the service of recommendations.
ON_RECOMMENDATIONS = (
    Row(
        service_pb2.RejectRecommendationRequest,
        on_recommendation.reject,
        "ppk.reject",
        PROCEDURE,
        sealed="remarks",
    ),
    Row(
        service_pb2.ImposeSanctionRequest,
        on_recommendation.impose_sanction,
        "ppk.impose_sanction",
        PROCEDURE,
        DECREE,
        warns=on_recommendation.other_than_expected,
    ),
    Row(
        service_pb2.ReportFollowUpRequest,
        on_recommendation.report_follow_up,
        "ppk.report_follow_up",
        PROCEDURE,
        LETTER,
        sealed="remarks",
    ),
)
