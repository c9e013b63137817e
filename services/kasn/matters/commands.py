"""Commands on a matter as rows; a recommendation asks first what was recommended before, and a letter is on many matters."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial

from agreement.enforcement import copies
from agreement.enforcement.copies import Copy
from agreement.entities import replace
from exchange.delivery.entity_store import number_key, use_number
from exchange.delivery.transaction import Transaction
from host import case_files, desk_requests
from host.command_rows import (
    CallContext,
    Function,
    Number,
    Row,
    Sending,
    Subject,
    by_state,
    carry_out,
    personal_part,
    undated,
)
from kasn.matters import reads, wire
from kasn.matters.domain import (
    assignment,
    changes,
    commands,
    events,
    examination,
    letters,
    rules,
    states,
)
from kasn.matters.domain.matter import Matter, State
from kasn.matters.tables import MATTERS
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import service_pb2 as pb

ACCEPTED = "netral.examiner.accepted.v1"
RETURNED = "netral.examiner.returned.v1"
NOT_PROVEN = "netral.examiner.not_proven.v1"
RECOMMENDED = "netral.examiner.recommended.v1"
WITHDRAWN = "netral.examiner.withdrawn.v1"
OBJECTION_ANSWERED = "netral.examiner.objection_answered.v1"
VERIFIED = "netral.examiner.verified.v1"
COMPLETION_REQUESTED = "netral.examiner.completion_requested.v1"
CLARIFICATION_REQUESTED = "netral.examiner.clarification_requested.v1"
CORRECTED = "netral.examiner.corrected.v1"
# After a succession the addressee has the recommendation from the predecessor.
TOOK_OVER = "netral.examiner.took_over.v1"


def _keep(tx: Transaction, matter: Matter, event: events.OwnEvent) -> Matter:
    changed = replace(changes.apply(matter, event), updated=tx.now)
    MATTERS.save(tx, matter.id, changed)
    return changed


def _copies(matter: Matter, sending: Sending, today: date) -> Sequence[Copy]:
    return copies.recipients(sending.type, sending.recipient, matter.supervisor, today)


MATTER: Subject[Matter, events.OwnEvent] = Subject(
    MATTERS.keys,
    MATTERS.existing,
    _keep,
    wire.EVENTS.to_message,
    copies=_copies,
    possible=by_state(states.POSSIBLE),
)
LETTER = (Number("letter", "letter_number"),)


def _to_supervisor(type: str) -> Callable[[Matter, object], Sequence[Sending]]:
    return lambda matter, event: [Sending(type, matter.supervisor, matter.heard)]


def _to_all(type: str) -> Callable[[Matter, object], Sequence[Sending]]:
    return lambda matter, event: [Sending(type, matter.addressee, matter.heard, with_copies=True)]


def _to_whom_it_asks(matter: Matter, event: events.OwnEvent) -> Sequence[Sending]:
    if not isinstance(event, events.ClarificationRequested):
        raise AssertionError("a request for clarification")
    return [Sending(CLARIFICATION_REQUESTED, event.addressee, matter.heard)]


def _withdrawn(matter: Matter, reason: str) -> Sending:
    """The former addressee is told that the recommendation is off, without what is sealed to others."""
    gone = events.Withdrawn(matter.letter_number, matter.addressee, reason)
    facts = wire.EVENTS.to_message(gone)
    return Sending(WITHDRAWN, matter.addressee, matter.heard, facts, sealed=False)


def _conflicted(matter: Matter, event: object) -> Sequence[Sending]:
    """The supervisor is not told of the withdrawal: for it the recommendation goes on, with another addressee."""
    return [_withdrawn(matter, "CONFLICT_OF_INTEREST")] if matter.addressee else []


def _recommended(matter: Matter, event: events.OwnEvent) -> Sequence[Sending]:
    """A former addressee is told that it is off; of a conflict it was told when that was declared."""
    if not isinstance(event, events.Recommended):
        raise AssertionError("a recommendation")
    before = [_withdrawn(matter, "NOT_ADDRESSEES_EMPLOYEE")] if matter.state == State.REJECTED else []
    return [*before, Sending(RECOMMENDED, event.addressee, matter.heard, with_copies=True)]


def _answered(matter: Matter, event: events.OwnEvent) -> Sequence[Sending]:
    if isinstance(event, events.Withdrawn):
        return _to_all(WITHDRAWN)(matter, event)
    return [Sending(OBJECTION_ANSWERED, matter.addressee, matter.heard)]


RECOMMEND: Row[pb.RecommendRequest, commands.Recommend, Matter, events.OwnEvent] = Row(
    pb.RecommendRequest,
    rules.recommend,
    "kasn.recommend",
    MATTER,
    LETTER,
    _recommended,
    sealed="reasons",
    passes_on=True,
    warns=rules.unusual,
)


async def recommend(context: CallContext, request: pb.RecommendRequest) -> Act:
    """Recommend to the addressee, with copies (tembusan). What was recommended on the person before is looked up first."""
    (before,) = (await _before(context, [request])).values()
    row = replace(
        RECOMMEND,
        rule=partial(rules.recommend, repeated=before.recommended),
        warns=partial(rules.unusual, before=before),
    )
    return await row.answer(context, request)


async def recommend_letter(context: CallContext, request: pb.RecommendLetterRequest) -> Act:
    """Recommend on many matters in one letter.

    Each matter has its statements and its record; the letter has a record of its own, and its number is used once.
    """
    party = desk_requests.parse_institution_name(request.parent)
    ids = [
        desk_requests.parse_resource_name(item.name, f"items[{n}].name")[1]
        for n, item in enumerate(request.items)
    ]
    said = [wire.of_letter(item, request) for item in request.items]
    before = await _before(context, request.items)
    repeated = {id for id, found in before.items() if found.recommended}

    def handle(tx: Transaction) -> Record:
        parts = [
            personal_part(item.reasons, case_files.person_of(tx, id))
            for id, item in zip(ids, request.items, strict=True)
        ]
        found = [MATTERS.existing(tx, id, field=f"items[{n}].name") for n, id in enumerate(ids)]
        letter, happened = letters.recommend(list(zip(found, said, strict=True)), tx.today, repeated)
        use_number(tx, "letter", letter.letter_number, ids[0], field="letter_number")
        for matter, event, part in zip(found, happened, parts, strict=True):
            sendings = _recommended(matter, event)
            warnings = rules.unusual(matter, event, before[matter.id])
            carry_out(MATTER, RECOMMEND.action, tx, matter, event, sendings, sealed=part, warnings=warnings)
        return tx.record("kasn.recommend_letter", "", "", "", wire.letter(letter))

    of = [(party, id) for id in ids]
    keys = [number_key(party, "letter", request.letter_number), *(MATTERS.key(*each) for each in of)]
    return await desk_requests.run_command(context.commands, request, party, keys, handle, files=of)


async def find_earlier(context: CallContext, request: pb.FindEarlierRequest) -> pb.FindEarlierResponse:
    """Record the search for earlier recommendations of the matter's person, then answer it; no state changes."""
    party, id = desk_requests.parse_resource_name(request.name)

    def handle(tx: Transaction) -> Record:
        matter = MATTERS.existing(tx, id)
        return tx.record("kasn.find_earlier", id, matter.case_id, matter.state)

    act = await desk_requests.run_command(context.commands, request, party, MATTERS.keys(party, id), handle)
    rows = await reads.earlier(context.desk.database, context.desk.vault, party, id)
    return pb.FindEarlierResponse(earlier=map(wire.earlier, rows), record=act.record)


async def _before(
    context: CallContext, items: Iterable[pb.RecommendRequest | pb.LetterItem]
) -> dict[str, rules.Before]:
    """Recommendations and sanctions of before on the persons of some matters, by the matters' ids."""
    named = [desk_requests.parse_resource_name(item.name) for item in items]
    database, vault = context.desk.database, context.desk.vault
    found = {id: await reads.earlier(database, vault, party, id) for party, id in named}
    return {
        id: rules.Before(bool(rows), tuple((row.decree_date, row.sanction) for row in rows if row.sanction))
        for id, rows in found.items()
    }


METHODS = (
    Row(
        pb.AcceptReferralRequest,
        undated(rules.accept),
        "kasn.accept",
        MATTER,
        (Number("register", "register_number"),),
        _to_supervisor(ACCEPTED),
    ),
    Row(
        pb.ReturnReferralRequest,
        undated(rules.return_referral),
        "kasn.return",
        MATTER,
        sends=_to_supervisor(RETURNED),
        sealed="remarks",
    ),
    Row(pb.AssignMatterRequest, undated(assignment.assign), "kasn.assign", MATTER),
    Row(
        pb.RequestCompletionRequest,
        examination.request_completion,
        "kasn.request_completion",
        MATTER,
        LETTER,
        _to_supervisor(COMPLETION_REQUESTED),
        sealed="remarks",
    ),
    Row(
        pb.RequestClarificationRequest,
        examination.request_clarification,
        "kasn.request_clarification",
        MATTER,
        LETTER,
        _to_whom_it_asks,
        sealed="questions",
        passes_on=True,
    ),
    Row(
        pb.RecordClarificationRequest,
        examination.record_clarification,
        "kasn.record_clarification",
        MATTER,
        filed="remarks",
    ),
    Row(
        pb.DeclareConflictRequest,
        undated(examination.declare_conflict),
        "kasn.declare_conflict",
        MATTER,
        sends=_conflicted,
        filed="remarks",
    ),
    Row(
        pb.DecideNotProvenRequest,
        rules.decide_not_proven,
        "kasn.decide_not_proven",
        MATTER,
        (Number("decision", "decision_number"),),
        _to_supervisor(NOT_PROVEN),
        sealed="reasons",
    ),
    Function(pb.RecommendRequest, recommend, RECOMMEND.possibility),
    Function(pb.RecommendLetterRequest, recommend_letter),
    Row(
        pb.CorrectRecommendationRequest,
        examination.correct,
        "kasn.correct",
        MATTER,
        LETTER,
        _to_all(CORRECTED),
        sealed="reasons",
    ),
    Row(
        pb.WithdrawRecommendationRequest,
        examination.withdraw,
        "kasn.withdraw",
        MATTER,
        LETTER,
        _to_all(WITHDRAWN),
        sealed="reasons",
    ),
    Function(pb.FindEarlierRequest, find_earlier),
    Row(
        pb.AnswerObjectionRequest,
        rules.answer_objection,
        "kasn.answer_objection",
        MATTER,
        LETTER,
        _answered,
        sealed="reasons",
    ),
    Row(
        pb.VerifyFollowUpRequest,
        rules.verify,
        "kasn.verify",
        MATTER,
        sends=_to_all(VERIFIED),
        sealed="remarks",
        warns=rules.unlike_recommended,
    ),
)
