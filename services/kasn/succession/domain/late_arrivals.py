"""Late statements after a succession: they arrive directly and through the old examiner, out of order.

So it can come out of order. Each sender's own desk keeps its order, and its statements' ids (UUIDv7) grow with it: of two
statements that change the same field the later one stands, whichever arrived first. `succession` says who may say what.
"""

from collections.abc import Mapping

from agreement.entities import replace
from cooperation.oversight import overseers
from kasn.matters.domain import changes, events, states
from kasn.matters.domain.matter import Matter
from kasn.matters.domain.matter import State as S

# How far the addressee has come, by state and by what it says; some it may say again, after an appeal or a partial report.
_STEPS: Mapping[str, int] = {
    S.RECOMMENDED: 0,
    S.OPENED: 1,
    S.ACKNOWLEDGED: 2,
    S.REJECTED: 3,
    S.OBJECTED: 3,
    S.DECIDED: 3,
    S.FOLLOWED_UP: 4,
}
_LEADS_TO: Mapping[type, int] = {
    events.Opened: 1,
    events.Acknowledged: 2,
    events.Rejected: 3,
    events.Objected: 3,
}
_AGAIN = (events.Progressed, events.Decided, events.DecreeCorrected, events.Appealed, events.FollowedUp)

_DECREE = {"decree_number", "decree_date", "sanction"}
_REPORT = {"follow_up_kind", "follow_up_number", "follow_up_date", "open_measures", "verification"}
_APPEAL = {"appeal", "appeal_date"}
_ANNULMENT = {"annulment_number", "annulment_date"}
_DUE = {"due_date", "due_rule", "due_calendar", "pauses"}
_OFFENCE_STEP = {"offence_step", "offence_step_date", "offence_due_date"}
_CHANGES: Mapping[type, set[str]] = {
    events.OffenceForwarded: {"offence_number", "offence_date", "offences", *_OFFENCE_STEP},
    events.OffenceProgressed: _OFFENCE_STEP,
    events.Opened: {"state"},
    events.Acknowledged: {"state"},
    events.Rejected: {"state", "rejection_reason", "moved_to"},
    events.Objected: {"state", "objection_number", "objection_date"},
    events.Progressed: {"last_step", "last_step_date"},
    events.Decided: {"state", *_DECREE},
    events.DecreeCorrected: {"decree_number", "decree_date"},
    events.FollowedUp: {"state", *_REPORT},
    overseers.Blocked: {"data_blocked", "block_number", "block_date", "unblock_number", "unblock_date"},
    overseers.Unblocked: {"data_blocked", "unblock_number", "unblock_date"},
    overseers.Warned: {"warning_number", "warning_date", "warning_due_date"},
}


def hear(matter: Matter, said: events.HeardEvent, sender: str, statement: str) -> Matter:
    """The matter at the successor after what its addressee or an overseer says to it.

    It may be further than we know: what it said before is still on its way to us.

    Raises:
        NotAllowed: the sender is not the one who may say it.
        WrongState: it does not fit the state, even if steps are missing.
    """
    ahead = _LEADS_TO.get(type(said), 0) > _STEPS.get(matter.state, 9) or isinstance(said, _AGAIN)
    unchecked = ahead and sender == matter.addressee and matter.state in _STEPS
    after = changes.apply(matter, said) if unchecked else changes.hear(matter, said, sender)
    return _with_the_later(matter, after, said, statement)


def catch_up(matter: Matter, said: events.HeardEvent, sender: str, statement: str) -> Matter:
    """The matter after what came through the old examiner, which may be behind what is known.

    Raises:
        NotAllowed: the sender is not the one who may say it.
        WrongState: it does not fit the state, and is not behind.
    """
    if sender == matter.addressee and isinstance(said, events.AddresseeEvent):
        if matter.state in _STEPS:
            return _with_the_later(matter, changes.apply(matter, said), said, statement)
        if matter.state not in states.POSSIBLE[type(said)]:
            return matter  # it has ended, or is examined again
    return _with_the_later(matter, changes.hear(matter, said, sender), said, statement)


def _with_the_later(before: Matter, after: Matter, said: events.HeardEvent, statement: str) -> Matter:
    """`after`, but for what a later statement changed already; and who changed what."""
    last = dict(entry.split(" ") for entry in before.said_last)
    changed = _changed(said)
    kept = {name for name in changed if last.get(name, "") > statement}
    last |= dict.fromkeys(changed - kept, statement)
    return replace(
        after,
        **{name: getattr(before, name) for name in kept},
        said_last=tuple(f"{name} {by}" for name, by in sorted(last.items())),
    )


def _changed(said: events.HeardEvent) -> set[str]:
    """The fields of a matter that a statement decides about, also if they were so before."""
    match said:
        case events.Appealed(outcome="CHANGED" | "ANNULLED"):
            return {"state", *_DECREE, *_REPORT, *_APPEAL}
        case events.Appealed():
            return _APPEAL
        case overseers.DecreeAnnulled():
            due = set() if said.due_date is None else _DUE
            return {"state", *_DECREE, *_REPORT, *_APPEAL, *_ANNULMENT, *due}
        case _:
            return _CHANGES.get(type(said), set())
