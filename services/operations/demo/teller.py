"""The places where the demo tells what happened; the command line prints it, a test could collect it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.verification.findings import Finding, Verified
from cooperation.monitoring.explain_due_date import Reason
from exchange.reconciliation.matter_timeline import Act, StatementLine
from netral.monitoring.v1.service_pb2 import Summary
from netral.prevention.v1.service_pb2 import Coverage


@dataclass(frozen=True)
class Step:
    """An act in a case: the state that it led to, and the statements that it sent, with their receipts."""

    number: int
    text: str
    state: str
    sent: Sequence[StatementLine]


class Teller(Protocol):
    """Listener to the demo."""

    def chapter(self, title: str) -> None: ...

    def say(self, text: str) -> None: ...

    def step(self, step: Step) -> None: ...

    def timeline(self, title: str, acts: list[Act]) -> None: ...

    def coverage(self, found: Coverage) -> None: ...

    def figures(self, found: Summary) -> None: ...

    def due_date(self, reason: Reason) -> None: ...

    def verified(self, verified: list[Verified], findings: list[Finding]) -> None: ...
