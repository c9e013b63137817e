"""States of a matter in which each command, and each event that others tell, is possible."""

from cooperation.oversight import overseers
from kasn.matters.domain.commands import (
    AcceptReferral,
    AnswerObjection,
    AssignMatter,
    Command,
    CorrectRecommendation,
    DecideNotProven,
    DeclareConflict,
    Recommend,
    RecordClarification,
    RequestClarification,
    RequestCompletion,
    ReturnReferral,
    VerifyFollowUp,
    WithdrawRecommendation,
)
from kasn.matters.domain.events import (
    Acknowledged,
    Appealed,
    Clarified,
    Completed,
    Decided,
    DecreeCorrected,
    FollowedUp,
    HeardEvent,
    Objected,
    OffenceForwarded,
    OffenceProgressed,
    Opened,
    Progressed,
    Referred,
    Rejected,
)
from kasn.matters.domain.matter import Matter, State
from refusals import WrongState

S = State
# Open, and not with the supervisor or the next examiner.
_HERE = frozenset(State) - {
    S.NEW,
    S.RETURNED,
    S.NOT_PROVEN,
    S.WITHDRAWN,
    S.COMPLETED,
    S.CANNOT_BE_FOLLOWED_UP,
    S.TRANSFERRED,
    S.HANDED_OVER,
}
_UNDECIDED = frozenset({S.RECOMMENDED, S.OPENED, S.ACKNOWLEDGED, S.OBJECTED})
_WITH_ADDRESSEE = _UNDECIDED | {S.DECIDED}
# An answer that comes late is kept all the same.
_ASKED = frozenset(State) - {S.NEW, S.REFERRED, S.INCOMPLETE, S.RETURNED, S.TRANSFERRED, S.HANDED_OVER}
# Once there was a recommendation. An overseer acts on its copies, so it may be late.
_OVERSEEN = _ASKED - {S.EXAMINING, S.NOT_PROVEN}
_NOT_PASSED_ON = frozenset(State) - {S.NEW, S.TRANSFERRED, S.HANDED_OVER}
# From the addressee's procedure on. An appeal may be decided after the follow-up was verified.
_IN_PROCEDURE = frozenset({S.ACKNOWLEDGED, S.DECIDED, S.FOLLOWED_UP, S.COMPLETED})

POSSIBLE: dict[type[Command | HeardEvent], frozenset[State]] = {
    AcceptReferral: frozenset({S.REFERRED}),
    ReturnReferral: frozenset({S.REFERRED, S.INCOMPLETE}),
    AssignMatter: _HERE,
    RequestCompletion: frozenset({S.REFERRED}),
    RequestClarification: frozenset({S.EXAMINING}),
    RecordClarification: frozenset({S.EXAMINING}),
    DecideNotProven: frozenset({S.EXAMINING}),
    DeclareConflict: _UNDECIDED | {S.EXAMINING},
    Recommend: frozenset({S.EXAMINING, S.REJECTED, S.CONFLICTED}),
    CorrectRecommendation: _UNDECIDED,
    WithdrawRecommendation: _WITH_ADDRESSEE | {S.REJECTED, S.FOLLOWED_UP},
    AnswerObjection: frozenset({S.OBJECTED}),
    VerifyFollowUp: _WITH_ADDRESSEE | {S.FOLLOWED_UP},
    Referred: frozenset({S.NEW, S.RETURNED}),
    Completed: frozenset({S.INCOMPLETE}),
    # Beside discipline, wherever that stands.
    OffenceForwarded: _NOT_PASSED_ON,
    OffenceProgressed: _NOT_PASSED_ON,
    Clarified: _ASKED,
    Opened: frozenset({S.RECOMMENDED}),
    Acknowledged: frozenset({S.OPENED}),
    Rejected: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    Objected: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    Decided: frozenset({S.ACKNOWLEDGED}),
    FollowedUp: frozenset({S.ACKNOWLEDGED, S.DECIDED}),
    overseers.Blocked: _OVERSEEN,
    overseers.Unblocked: _OVERSEEN,
    overseers.Warned: _OVERSEEN,
    overseers.DecreeAnnulled: _IN_PROCEDURE,
    Progressed: _IN_PROCEDURE,
    DecreeCorrected: _IN_PROCEDURE,
    Appealed: _IN_PROCEDURE,
}
# Whether there is a follow-up to verify, or its absence.
VERIFIABLE: dict[str, frozenset[State]] = {
    "CONFORMS": frozenset({S.FOLLOWED_UP}),
    "NOT_YET_CONFORMS": frozenset({S.FOLLOWED_UP}),
    "CANNOT_BE_FOLLOWED_UP": frozenset({S.FOLLOWED_UP}),
    "NOT_YET_FOLLOWED_UP": _WITH_ADDRESSEE,
}


def require(matter: Matter, what: Command | HeardEvent) -> None:
    """Refuse what is not possible in the matter's state.

    Raises:
        WrongState: naming the state, and the successor if it has the matter.
    """
    if matter.successor:
        raise WrongState(
            "the matter has passed to {successor}", successor=matter.successor, reason="PASSED_TO_SUCCESSOR"
        )
    if matter.state not in POSSIBLE[type(what)]:
        raise WrongState("not possible now; the matter stands at: {state}", state=matter.state)
