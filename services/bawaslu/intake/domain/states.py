"""States of an intake in which each command is possible."""

from bawaslu.intake.domain.commands import (
    AssessReport,
    CloseInformation,
    Command,
    CompleteReport,
    ConcludeIntake,
    DeclineRegistration,
    DelegateIntake,
    EstablishFinding,
    ExtendStudy,
    InviteToClarification,
    ReceiveInformation,
    ReceiveReport,
    RecordClarification,
    RecordFinding,
    RecordIntakePlenary,
    RecordSupervision,
    RegisterIntake,
    StartTracing,
)
from bawaslu.intake.domain.state import Intake, State
from refusals import WrongState

S = State
POSSIBLE: dict[type[Command], frozenset[State]] = {
    ReceiveReport: frozenset({S.NEW}),
    ReceiveInformation: frozenset({S.NEW}),
    RecordSupervision: frozenset({S.NEW}),
    RecordFinding: frozenset({S.NEW}),
    StartTracing: frozenset({S.INFORMATION_RECEIVED}),
    EstablishFinding: frozenset({S.TRACING, S.SUPERVISED}),
    CloseInformation: frozenset({S.INFORMATION_RECEIVED, S.TRACING, S.SUPERVISED}),
    AssessReport: frozenset({S.RECEIVED}),
    CompleteReport: frozenset({S.COMPLETION_REQUESTED}),
    RecordIntakePlenary: frozenset(State) - {S.NEW},
    DelegateIntake: frozenset(
        {S.RECEIVED, S.FOR_ANOTHER_OFFICE, S.INFORMATION_RECEIVED, S.TRACING, S.SUPERVISED, S.FOUND}
    ),
    RegisterIntake: frozenset({S.READY, S.FOUND}),
    DeclineRegistration: frozenset({S.COMPLETION_REQUESTED, S.NOT_FIT}),
    InviteToClarification: frozenset({S.REGISTERED}),
    RecordClarification: frozenset({S.REGISTERED}),
    ExtendStudy: frozenset({S.REGISTERED}),
    ConcludeIntake: frozenset({S.REGISTERED}),
}


def require(subject: Intake, what: Command) -> None:
    """Refuse what is not possible in the intake's state.

    Raises:
        WrongState: naming the state.
    """
    if subject.state not in POSSIBLE[type(what)]:
        raise WrongState("not possible now; the intake stands at: {state}", state=subject.state)
