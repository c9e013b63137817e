"""States of a matter in which each command, and each event that the examiner tells, is possible."""

from bawaslu.matters.domain.commands import (
    Command,
    CompleteReferral,
    ConcludeStudy,
    ForwardOffence,
    RecordOffenceStep,
    RecordPlenary,
    ReferMatter,
    RegisterMatter,
)
from bawaslu.matters.domain.events import (
    Accepted,
    CompletionRequested,
    Corrected,
    DecreeAnnulled,
    DueDateMoved,
    Event,
    NotProven,
    Recommended,
    Returned,
    TookOver,
    Verified,
    Withdrawn,
)
from bawaslu.matters.domain.matter import Matter, State
from refusals import WrongState

S = State
POSSIBLE: dict[type[Command | Event], frozenset[State]] = {
    RegisterMatter: frozenset({S.NEW}),
    ConcludeStudy: frozenset({S.REGISTERED, S.RETURNED}),
    RecordPlenary: frozenset(State) - {S.NEW},
    ReferMatter: frozenset({S.STUDIED}),
    Accepted: frozenset({S.REFERRED}),
    CompleteReferral: frozenset({S.INCOMPLETE}),
    # Beside discipline, wherever that stands: also where there is no breach of discipline, or it has ended.
    ForwardOffence: frozenset(State) - {S.NEW},
    RecordOffenceStep: frozenset(State) - {S.NEW},
    Returned: frozenset({S.REFERRED, S.INCOMPLETE}),
    CompletionRequested: frozenset({S.REFERRED}),
    NotProven: frozenset({S.UNDER_EXAMINATION}),
    Recommended: frozenset({S.UNDER_EXAMINATION, S.RECOMMENDED}),
    Corrected: frozenset({S.RECOMMENDED}),
    DueDateMoved: frozenset({S.RECOMMENDED}),
    Withdrawn: frozenset({S.RECOMMENDED}),
    Verified: frozenset({S.RECOMMENDED, S.COMPLETED}),  # an appeal may take a completed matter back
    DecreeAnnulled: frozenset({S.RECOMMENDED, S.COMPLETED}),
    TookOver: frozenset(State) - {S.NEW, S.REGISTERED},
}


def require(matter: Matter, what: Command | Event) -> None:
    """Refuse what is not possible in the matter's state.

    Raises:
        WrongState: naming the state.
    """
    if matter.state not in POSSIBLE[type(what)]:
        raise WrongState("not possible now; the matter stands at: {state}", state=matter.state)
