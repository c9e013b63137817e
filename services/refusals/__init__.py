"""Reasons why a request or a statement is turned down: a closed set. No I/O.

A refusal is an answer, not a failure: the caller can read it, and nothing was changed. Whatever else is
raised is our own bug and stays loud. `host.front_door` turns a refusal into a gRPC status in the caller's language; the
inbox turns it into an outcome receipt that carries `reason`. Neither template nor parameters repeat a personal value
(NIP, NIK, name).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

Parameter = str | int


class Refusal(Exception):
    """A request is turned down; `reason` is stable and for machines, `field` names the input at fault.

    `template` is English with named places for `parameters`, such as `WrongState("the list stands at: {state}", state=…)`, and
    stands in the catalogue (`refusals.catalogue`) with its translations. `message` is the template filled in. `meant`: what of a
    closed list may have been meant, in words that are nobody's personal value. `standing`: the state of what it is about, and what
    is possible there, which the host adds for its caller. `retry_after`: seconds after which the same may be taken; 0: trying again is
    not what helps.
    """

    reason = "REFUSED"
    standing: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        template: str,
        *,
        field: str | None = None,
        reason: str | None = None,
        meant: Sequence[str] = (),
        retry_after: float = 0.0,
        **parameters: Parameter,
    ) -> None:
        self.template = template
        self.parameters = parameters
        self.retry_after = retry_after
        self.meant = tuple(meant)
        self.message = fill(template, parameters)
        if meant:
            self.message += f"; did you mean {' or '.join(meant)}?"
        super().__init__(self.message)
        self.field = field
        if reason is not None:
            self.reason = reason


def fill(template: str, parameters: dict[str, Parameter]) -> str:
    """A template with its parameters; one without any is taken as it is, braces and all."""
    return template.format(**parameters) if parameters else template


class ActWarning:
    """Warning of a rule: the act is lawful, but so unusual that whoever does it states a reason (`ReasonNeeded`).

    Reason, template and parameters are those of a refusal.
    """

    def __init__(self, template: str, *, reason: str, **parameters: Parameter) -> None:
        self.template = template
        self.parameters = parameters
        self.message = fill(template, parameters)
        self.reason = reason


class ReasonNeeded(Refusal):
    """Rules warn of the act, and no reason is stated for it (gRPC FAILED_PRECONDITION); it names the warnings."""

    reason = "REASON_NEEDED"

    def __init__(self, template: str, *, warnings: Sequence[ActWarning]) -> None:
        self.warnings = tuple(warnings)
        super().__init__(
            template, field="stated_reason", warnings="; ".join(each.message for each in self.warnings)
        )


class Malformed(Refusal):
    """The input can never be right, whatever the state (gRPC INVALID_ARGUMENT)."""

    reason = "MALFORMED"


class NotFound(Refusal):
    """There is no such thing at this party (gRPC NOT_FOUND)."""

    reason = "NOT_FOUND"


class WrongState(Refusal):
    """The matter is not in a state that allows this (gRPC FAILED_PRECONDITION)."""

    reason = "WRONG_STATE"


class NotAllowed(Refusal):
    """The caller or sender may not do this: role, period or legal basis (gRPC PERMISSION_DENIED)."""

    reason = "NOT_ALLOWED"


class Conflict(Refusal):
    """The same id or number was used before with other content (gRPC ALREADY_EXISTS)."""

    reason = "CONFLICT"


class Unavailable(Refusal):
    """The desk cannot take this now: stopping, busy, or its database is away; try again (gRPC UNAVAILABLE)."""

    reason = "UNAVAILABLE"
