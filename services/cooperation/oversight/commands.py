"""Commands of those who oversee: rows, and plain functions for a warning of many authorities and for what asks for the hour."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import TypeVar

from google.protobuf.message import Message

from agreement.enforcement import copies
from agreement.enforcement.copies import Copy
from agreement.entities import replace
from agreement.parties import institutions
from cooperation.oversight import wire
from cooperation.oversight.domain import matters, rules
from cooperation.oversight.domain.matters import OwnEvent, Watched
from cooperation.oversight.tables import NUMBER, WATCHED
from exchange.delivery.entity_store import use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import case_files, desk_requests
from host.command_rows import (
    CallContext,
    Function,
    Number,
    Possibility,
    Row,
    Sending,
    Subject,
    by_state,
    carry_out,
    undated,
)
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.oversight.v1 import service_pb2 as pb
from refusals import ActWarning, Refusal

BLOCKED = "netral.data_holder.blocked.v1"
UNBLOCKED = "netral.data_holder.unblocked.v1"
DECREE_ANNULLED = "netral.data_holder.decree_annulled.v1"
WARNED = "netral.warner.warned.v1"

R = TypeVar("R", bound=Message)
C = TypeVar("C")


def keep(tx: Transaction, watched: Watched, event: OwnEvent) -> Watched:
    """Save a watched matter after an event of this desk."""
    changed = replace(rules.apply(watched, event), updated=tx.now)
    WATCHED.save(tx, watched.id, changed)
    return changed


_in_state = by_state(rules.POSSIBLE)


def _possible(watched: Watched, command: type[object]) -> bool:
    done_already = matters.BlockData if watched.data_blocked else matters.UnblockData
    return command is not done_already and _in_state(watched, command)


def _copies(watched: Watched, sending: Sending, today: date) -> Sequence[Copy]:
    """Copies to those who are not told as addressee or examiner, without a personal part: this desk sends none."""
    supervisor = institutions.role_holder(institutions.SUPERVISOR, today)
    found = copies.recipients(sending.type, watched.addressee, supervisor, today)
    return [
        Copy(each.recipient, person=False)
        for each in found
        if each.recipient not in (watched.examiner, watched.party)
    ]


MATTER: Subject[Watched, OwnEvent] = Subject(
    WATCHED.keys, WATCHED.existing, keep, wire.EVENTS.to_message, copies=_copies, possible=_possible
)


def of_data_holder(
    request: type[R],
    command: type[C],
    rule: Callable[[Watched, C, date, datetime], OwnEvent],
    action: str,
    type: str,
    *,
    with_copies: bool = False,
    warns: Callable[[Watched, OwnEvent], Sequence[ActWarning]] | None = None,
) -> Function[R, Act]:
    """An act of the data holder, which authority and examiner are told.

    Its rule asks for the hour as well: whether a due day has ended, the zone of the addressee decides.
    """

    def told(watched: Watched, event: object) -> Sequence[Sending]:
        to_authority = Sending(type, watched.addressee, watched.heard, with_copies=with_copies)
        return [to_authority, Sending(type, watched.examiner, watched.heard)]

    async def answer(context: CallContext, asked: R) -> Act:
        now = context.desk.now()

        @wraps(rule)
        def decide(watched: Watched, command: C, today: date) -> OwnEvent:
            return rule(watched, command, today, now)

        row = Row(
            request,
            decide,
            action,
            MATTER,
            (Number("act", "act_number", NUMBER),),
            told,
            role=institutions.DATA_HOLDER,
            warns=warns,
        )
        return await row.answer(context, asked)

    return Function(request, answer, Possibility(action, MATTER, command, institutions.DATA_HOLDER))


async def warn(context: CallContext, request: pb.WarnAuthorityRequest) -> Act:
    """Warn the addressees of many matters in one letter, all or none; gives the record of the first.

    A matter that stands twice in a letter is warned of once.
    """
    party, first = desk_requests.parse_resource_name(request.name)
    fields = {first: "name"}
    for at, name in enumerate(request.further_matters):
        field = f"further_matters[{at}]"
        fields.setdefault(desk_requests.parse_resource_name(name, field)[1], field)
    command = protobuf_mapping.to_dataclass(request, matters.WarnAuthority)

    def handle(tx: Transaction) -> Record:
        records = [_warn_one(tx, id, field, command) for id, field in fields.items()]
        use_number(tx, "letter", command.letter_number, first, field="letter_number", word=NUMBER)
        return records[0]

    keys = [*(WATCHED.key(party, id) for id in fields), (NUMBER, party, "letter", request.letter_number)]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


def _warn_one(tx: Transaction, id: str, field: str, command: matters.WarnAuthority) -> Record:
    """Warn the addressee of one matter; examiner and data holder get copies."""
    watched = WATCHED.existing(tx, id, field=field)
    tx.require_role(institutions.WARNER)
    try:
        event = rules.warn(watched, command, tx.today, tx.now)
    except Refusal as refusal:
        refusal.field = refusal.field or field  # of the matters of a letter it is this one
        raise
    facts, case, cause = wire.EVENTS.to_message(event), watched.case_id, watched.heard
    original = tx.send(WARNED, watched.addressee, id, case, facts, cause=cause)
    copied = [watched.examiner, *tx.desk.trust.holders(institutions.DATA_HOLDER, tx.now)]
    for each in dict.fromkeys(copied):
        if each not in (watched.addressee, tx.party):
            tx.send(WARNED, each, id, case, facts, cause=cause, copy_of=original)
    return carry_out(MATTER, "oversight.warn", tx, watched, event, ())


async def read_file(context: CallContext, request: person_pb2.ReadFileRequest) -> person_pb2.ReadFileResponse:
    """Record the reading of the person's file of a watched matter, then open it."""
    return await case_files.read_file(context.desk, context.commands, request, WATCHED.key)


METHODS = (
    Row(pb.OpenCopyRequest, undated(rules.open_copy), "oversight.open", MATTER),
    of_data_holder(pb.BlockDataRequest, matters.BlockData, rules.block, "oversight.block", BLOCKED),
    of_data_holder(pb.UnblockDataRequest, matters.UnblockData, rules.unblock, "oversight.unblock", UNBLOCKED),
    of_data_holder(
        pb.AnnulDecreeRequest,
        matters.AnnulDecree,
        rules.annul,
        "oversight.annul_decree",
        DECREE_ANNULLED,
        with_copies=True,
        warns=rules.unusual_annulment,
    ),
    Function(
        pb.WarnAuthorityRequest,
        warn,
        Possibility("oversight.warn", MATTER, matters.WarnAuthority, institutions.WARNER),
    ),
    Function(person_pb2.ReadFileRequest, read_file),
)
