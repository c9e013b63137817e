"""Decisions of a holder on a request for data: the policy, a grant or a refusal, and each hand-over under a grant.

`judge` is the holder's policy: it refuses, or says what may be given and whether an officer has to decide. A party of the
case is one with which statements on the matter took effect, as outbox and inbox say; no list has to be kept.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from agreement.information import disclosure as rules
from agreement.information import legal_bases
from agreement.information.disclosure import DisclosureRule
from cooperation.disclosure.domain.documents import Described, Document
from cooperation.disclosure.domain.requests import (
    MAX_DOCUMENTS,
    Disclosure,
    DisclosureGranted,
    DisclosureRefused,
    Grant,
    State,
    is_closed,
    require_state,
)
from refusals import Malformed, NotAllowed, WrongState


@dataclass(frozen=True)
class Judgement:
    """Judgement of the policy on a request: a reason to refuse, or the rule under which it may be given."""

    refusal: str = ""
    rule: DisclosureRule | None = None


def judge(disclosure: Disclosure, case_parties: Collection[str], today: date) -> Judgement:
    """Judge a request by the holder's policy. `case_parties`: those with whom statements on the matter were exchanged.

    The basis has to be in force on the date of the request and on the day of the decision, `today` (the holder's date):
    what is disclosed after an agreement has ended is disclosed without it.
    """
    rule = rules.rule(disclosure.data, disclosure.role, disclosure.of)
    if rule is None:
        return Judgement("NOT_ASKED_FOR")
    if refusal := basis_refusal(disclosure, today):
        return Judgement(refusal)
    if disclosure.purpose not in rule.purposes:
        return Judgement("PURPOSE_NOT_COVERED")
    if rule.case_only and disclosure.asker not in case_parties:
        return Judgement("NOT_A_PARTY")
    if rule.fields and not permitted_fields(disclosure, rule) and not rule.kinds:
        return Judgement("NOTHING_TO_GIVE")
    return Judgement(rule=rule)


def basis_refusal(disclosure: Disclosure, today: date) -> str:
    """Say why the basis does not carry the disclosure on its request's date or today; empty if it does."""
    for day in (disclosure.request_date, today):
        if legal_bases.asking_objection(
            disclosure.legal_basis, disclosure.data, disclosure.role, disclosure.of, disclosure.asker, day
        ):
            return "AGREEMENT_CLOSED" if is_closed(disclosure.legal_basis, day) else "BASIS_NOT_VALID"
    return ""


def permitted_fields(disclosure: Disclosure, rule: DisclosureRule) -> tuple[str, ...]:
    """The facts that were asked for and may be given, in the order of the request."""
    return tuple(field for field in disclosure.fields if field in rule.fields)


def permitted_documents(
    disclosure: Disclosure, rule: DisclosureRule, held: Sequence[Document], only: Collection[str] = ()
) -> tuple[Described, ...]:
    """The documents of the holder's own that were asked for and may be given, oldest first; of them `only` these, if any."""
    return tuple(
        Described(each.digest, each.size, each.media_type, each.kind)
        for each in held
        if each.kind in rule.kinds
        and not each.disclosure
        and (not disclosure.documents or each.digest in disclosure.documents)
        and (not only or each.digest in only)
    )


def grant(
    disclosure: Disclosure,
    command: Grant,
    judgement: Judgement,
    held: Sequence[Document],
    decided_by: str,
    now: datetime,
) -> DisclosureGranted:
    """Give what was asked for, and no more than the policy allows. `held`: the documents of the matter.

    Raises:
        Malformed: facts or documents beyond what was asked for and is permitted.
        WrongState: it was decided before, the policy refuses it, there is nothing to give, or too much for one grant.
    """
    require_state(disclosure, State.REQUESTED)
    rule = judgement.rule
    if rule is None:
        raise WrongState("the policy does not permit to give this", reason=judgement.refusal)
    allowed = permitted_fields(disclosure, rule)
    for place, code in enumerate(command.facts):
        if code not in allowed or code in command.facts[:place]:
            field = f"facts[{place}].field"
            raise Malformed("not a fact that was asked for and may be given, or twice", field=field)
    documents = permitted_documents(disclosure, rule, held, command.documents)
    for place, digest in enumerate(command.documents):
        if digest not in {each.digest for each in documents}:
            raise Malformed("not a document that may be given here", field=f"documents[{place}]")
    fields = tuple(code for code in allowed if code in command.facts)
    if not documents and not fields:
        raise WrongState("nothing of what was asked for is held", reason="NOTHING_TO_GIVE")
    if len(documents) > MAX_DOCUMENTS:
        raise WrongState(
            "over {limit} documents: name those to give", limit=MAX_DOCUMENTS, reason="TOO_MANY_DOCUMENTS"
        )
    return DisclosureGranted(
        disclosure.id,
        fields,
        documents,
        now + rule.period,
        decided_by,
        disclosure.data,
        disclosure.purpose,
        disclosure.legal_basis,
    )


def refuse(disclosure: Disclosure, reason: str, decided_by: str) -> DisclosureRefused:
    """Refuse what was asked for.

    Raises:
        WrongState: it was decided before.
    """
    require_state(disclosure, State.REQUESTED)
    return DisclosureRefused(disclosure.id, reason, decided_by)


def check_handover(disclosure: Disclosure, digest: str, offset: int, today: date, now: datetime) -> Described:
    """Refuse a hand-over that a grant does not permit now, from an offset on; returns the document.

    Raises:
        NotAllowed: nothing is granted, or not this document.
        WrongState: the grant has expired, its basis is over, or its receipt was confirmed.
        Malformed: the offset is beyond the document.
    """
    if disclosure.state == State.RECEIVED:
        raise WrongState("its receipt was confirmed", reason="ALREADY_RECEIVED")
    found = next((each for each in disclosure.granted if each.digest == digest), None)
    if disclosure.state != State.GRANTED or found is None:
        raise NotAllowed("this document is not granted", reason="NOT_GRANTED")
    if disclosure.expires is None or now >= disclosure.expires:
        raise WrongState("the grant has expired", reason="GRANT_EXPIRED")
    if refusal := basis_refusal(disclosure, today):
        raise WrongState("the basis of the grant is not in force", reason=refusal)
    if not 0 <= offset <= found.size:
        raise Malformed("the offset is beyond the document", field="ticket")
    return found
