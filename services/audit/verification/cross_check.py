"""Comparison of verified logs of different parties: what one proves to be in the other must be there."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from audit.verification.findings import Finding, Verified


def cross_check(logs: Iterable[Verified], settled_before: datetime | None = None) -> list[Finding]:
    """Compare verified logs of different parties: what one proves to be in the other must be there, byte for byte.

    A statement must be in its sender's log if the recipient has it, in its recipient's log if the sender has a
    receipt for it, and a receipt in the log of its signer. Findings name the log that lacks something. Logs that
    were exported one after the other differ by what was under way; `settled_before` (UTC) leaves out what was signed
    later.
    """
    by_party = {log.party: log for log in logs}
    statements = {party: {held.digest for held in log.statements} for party, log in by_party.items()}
    receipts = {party: {held.digest for held in log.receipts} for party, log in by_party.items()}
    found: list[Finding] = []

    def must_hold(party: str, digest: bytes, held: Mapping[str, set[bytes]], matter: str, what: str) -> None:
        if party in held and digest not in held[party]:
            found.append(Finding(party, -1, matter, "other log", what))

    for log in by_party.values():
        matters = {held.digest: held.matter for held in log.statements}
        for statement in log.statements:
            if settled_before is None or statement.time < settled_before:
                text = f"{log.party} holds statement {statement.id} in bytes that are not here"
                if statement.sender != log.party:
                    must_hold(statement.sender, statement.digest, statements, statement.matter, text)
        for receipt in log.receipts:
            if settled_before is None or receipt.time < settled_before:
                matter = matters.get(receipt.about, receipt.matter)
                text = (
                    f"{log.party} holds a receipt for statement {receipt.statement}, whose bytes are not here"
                )
                must_hold(receipt.recipient, receipt.about, statements, matter, text)
                text = (
                    f"{log.party} holds a receipt by this party for statement {receipt.statement}, not here"
                )
                must_hold(receipt.recipient, receipt.digest, receipts, matter, text)
    return found
