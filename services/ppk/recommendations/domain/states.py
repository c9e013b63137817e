"""States of a matter in which each command, and each event that others tell, is possible."""

from cooperation.oversight import overseers
from ppk.recommendations.domain.commands import (
    AcknowledgeRecommendation,
    AnswerClarification,
    Command,
    ImposeSanction,
    ObjectToRecommendation,
    OpenRecommendation,
    RejectRecommendation,
    ReportFollowUp,
)
from ppk.recommendations.domain.events import (
    ClarificationRequested,
    Corrected,
    DueDateMoved,
    HeardEvent,
    ObjectionAnswered,
    Recommended,
    TookOver,
    Verified,
    Withdrawn,
)
from ppk.recommendations.domain.matter import Matter, State
from refusals import WrongState

S = State

ENDS = frozenset({S.WITHDRAWN, S.COMPLETED, S.CANNOT_BE_FOLLOWED_UP})
# Before anything is recommended.
_ASKED = frozenset({S.NEW, S.CLARIFICATION_REQUESTED, S.CLARIFIED})
# Before the follow-up is reported. A rejected one is not ours to follow up.
PENDING = frozenset({S.RECEIVED, S.OPENED, S.ACKNOWLEDGED, S.OBJECTED, S.DECIDED})

POSSIBLE: dict[type[Command | HeardEvent], frozenset[State]] = {
    AnswerClarification: frozenset({S.CLARIFICATION_REQUESTED}),
    OpenRecommendation: frozenset({S.RECEIVED}),
    AcknowledgeRecommendation: frozenset({S.OPENED}),
    RejectRecommendation: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    ObjectToRecommendation: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    ImposeSanction: frozenset({S.ACKNOWLEDGED}),
    ReportFollowUp: frozenset({S.ACKNOWLEDGED, S.DECIDED}),
    ClarificationRequested: _ASKED,
    Recommended: _ASKED,
    # Whatever was done meanwhile: what is recommended is the examiner's to say.
    Corrected: frozenset(State) - ENDS - _ASKED,
    DueDateMoved: frozenset(State) - ENDS - _ASKED,
    Withdrawn: frozenset(State) - ENDS - _ASKED,
    ObjectionAnswered: frozenset({S.OBJECTED}),
    Verified: PENDING | {S.REPORTED},
    # An overseer acts on its copies, so it may be late; never before the recommendation itself.
    overseers.Blocked: frozenset(State) - _ASKED,
    overseers.Unblocked: frozenset(State) - _ASKED,
    overseers.Warned: frozenset(State) - _ASKED,
    overseers.DecreeAnnulled: frozenset({S.ACKNOWLEDGED, S.DECIDED, S.REPORTED, S.COMPLETED}),
    TookOver: frozenset(State) - {S.NEW},
}


def require(matter: Matter, what: Command | HeardEvent) -> None:
    """Refuse what is not possible in the matter's state.

    Raises:
        WrongState: naming the state.
    """
    if matter.state not in POSSIBLE[type(what)]:
        raise WrongState("not possible now; the matter stands at: {state}", state=matter.state)
