"""What is said of a matter that has passed on comes by two ways: to the successor itself, and through the old examiner.

So it can come out of order. Each sender's own desk keeps its order, and a later step implies the earlier: what comes behind
adds what it says, and undoes nothing that was said after it. `succession` says who may say what.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from kasn.domain import matters, overseers
from kasn.domain.matters import Matter
from kasn.domain.matters import State as S

# How far the addressee has come, by state and by what it says.
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
    matters.Opened: 1,
    matters.Acknowledged: 2,
    matters.Progressed: 2,
    matters.Rejected: 3,
    matters.Objected: 3,
    matters.Decided: 3,
    matters.Appealed: 3,
    matters.FollowedUp: 4,
}


def is_ahead(matter: Matter, event: matters.Event) -> bool:
    """Whether the addressee is a step or more further than we know: what it said before is still on its way to us."""
    return matter.state in _STEPS and _LEADS_TO.get(type(event), 0) > _STEPS[matter.state]


def catch_up(matter: Matter, said: matters.HeardEvent, sender: str) -> Matter:
    """The matter after what came through the old examiner, from the addressee or an overseer.

    Raises:
        NotAllowed: the sender is not the one who may say it.
        WrongState: it does not fit the state, and was not overtaken.
    """
    if _was_overtaken(matter, said):
        return _with_appeal(matter, said) if isinstance(said, matters.Appealed) else matter
    step = _LEADS_TO.get(type(said))
    if step is None or sender != matter.addressee:
        return matters.hear(matter, said, sender)
    if matter.state not in _STEPS:
        # It has ended, or is examined again; an appeal can reopen it.
        return matters.hear(matter, said, sender) if matter.state in matters.POSSIBLE[type(said)] else matter
    if isinstance(said, matters.Appealed):
        return matters.apply(matter, said)
    if step <= _STEPS[matter.state] or _was_reported(matter, said):
        return replace(matters.apply(matter, said), state=matter.state)
    if is_ahead(matter, said):
        return matters.apply(matter, said)
    return matters.hear(matter, said, sender)


def _was_overtaken(matter: Matter, said: matters.HeardEvent) -> bool:
    """Whether what we know was said after it, so that it changes nothing any more."""
    undone = matter.appeal_date if matter.appeal in ("CHANGED", "ANNULLED") else None
    match said:
        case matters.Progressed():
            return _is_before(said.step_date, matter.last_step_date)
        case matters.Decided():
            return _is_before(said.decree_date, undone)
        case matters.FollowedUp():
            return _is_before(said.letter_date, undone)
        case matters.Appealed():
            reported = matter.follow_up_date
            answered = reported is not None and said.letter_date is not None and reported >= said.letter_date
            return _is_before(said.letter_date, matter.appeal_date) or answered
        case overseers.Warned():
            return _is_before(said.letter_date, matter.warning_date)
        case overseers.Blocked():
            return said.act_number == matter.block_number  # it was lifted before we heard of it
        case overseers.Unblocked():
            return matter.data_blocked and said.block_number not in ("", matter.block_number)
        case _:
            return False


def _was_reported(matter: Matter, said: matters.HeardEvent) -> bool:
    """Whether a decree was reported, in part, before we heard of it."""
    partial = matter.follow_up_kind == "PARTIAL" and not matter.decree_number
    return (
        isinstance(said, matters.Decided)
        and partial
        and not _is_before(matter.follow_up_date, said.decree_date)
    )


def _with_appeal(matter: Matter, said: matters.Appealed) -> Matter:
    """With what an appeal says that was answered by a report before we heard of it."""
    if _is_before(said.letter_date, matter.appeal_date):
        return matter
    known = replace(matter, appeal=said.outcome or "FILED", appeal_date=said.letter_date)
    if said.outcome != "CHANGED":
        return known
    return replace(
        known, decree_number=said.decree_number, decree_date=said.decree_date, sanction=said.sanction
    )


def _is_before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other
