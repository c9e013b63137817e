"""The holder's policy at work: grants what needs no officer and is held, refuses what waited until its basis was over.

It runs as a loop beside the desk, through commands like an officer's, whose request ids are made of the disclosure: whatever
dies when, nothing is granted twice. A request that the policy refuses at once is refused where it arrives (`received`).
"""

from contextlib import suppress
from uuid import NAMESPACE_URL, uuid5

from agreement.information import disclosure as rules
from cooperation.disclosure import commands, reads, tables
from cooperation.disclosure.documents.reads import held
from cooperation.disclosure.domain import decisions
from cooperation.disclosure.domain.requests import Disclosure, State
from cooperation.disclosure.wire import KIND_SERVICE
from exchange.context import Actor, HostContext
from exchange.delivery.commands import Command, commit
from host.lifecycle.loops import Loop, on_commit
from refusals import Refusal

ACTOR = Actor(KIND_SERVICE, "disclosure-policy", "service")


async def decide_once(desk: HostContext) -> int:
    """Decide what the policy alone can decide; how many."""
    decided = 0
    for waiting in await reads.in_state(desk.database, desk.parties, State.REQUESTED, "holder"):
        if await _ready(desk, waiting):
            (answer,) = await commit(desk, [_command(waiting)])
            # What changed in the meantime is seen as it is in the next round.
            with suppress(Refusal):
                if isinstance(answer, Refusal):
                    raise answer
                decided += 1
    return decided


async def _ready(desk: HostContext, waiting: Disclosure) -> bool:
    today = desk.now().astimezone(desk.law.zone(waiting.party)).date()
    if decisions.basis_refusal(waiting, today):
        return True
    rule = rules.rule(waiting.data, waiting.role, waiting.of)
    if rule is None or not rule.automatic:
        return False
    return bool(decisions.permitted_documents(waiting, rule, await held(desk.database, waiting)))


def _command(waiting: Disclosure) -> Command:
    party, matter, id = waiting.party, waiting.matter, waiting.id
    return Command(
        party,
        ACTOR,
        str(uuid5(NAMESPACE_URL, f"netral disclosure policy {id}")),
        f"disclosure policy\n{id}".encode(),
        [
            tables.disclosures_key(party, matter),
            tables.documents_key(party, matter),
            tables.case_parties_key(party, matter),
        ],
        lambda tx: commands.by_policy(tx, matter, id),
        [(party, matter)],
    )


LOOP = Loop("disclosure-policy", decide_once, pace=0.5, on=on_commit)
