"""`netral matter watch`: follow the changes of a party's matters, as they happen.

The list of what changed since a time is asked for again and again (`updated_since`), so that nothing is missed while a desk is away.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli import language
from cli.act_output import case_of, next_words, plain_next
from cli.audit.instants import instant_of
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, code_of, desk_command
from cli.output import clock, err, out

with deferred_imports():
    from google.protobuf import timestamp_pb2

    from audit.packs.timeline import act_words
    from operations.local import client, matters

_LOOKS_BACK = timedelta(minutes=10)
"""The clock of a desk may be behind that of this machine: what changed so long ago is read, and not shown."""


def commands() -> Commands:
    """The commands of this module by name."""
    return {"watch": watch}


@dataclass
class Watch:
    """Matters that are followed: all of a party, or those that are `named`; `mark` is the newest change that was seen."""

    context: CommandContext
    named: Sequence[str]
    mark: "timestamp_pb2.Timestamp"
    states: dict[str, str] = field(default_factory=dict)

    def changed(self) -> "list[matters.Matter]":
        """The matters that changed since the mark, each as it is now; the mark moves when all of them were read."""
        contract = matters.CONTRACTS[self.context.desks.desk_of(self.context.party)]
        request = contract.list_(parent=self.context.parent, page_size=1000)
        request.updated_since.CopyFrom(self.mark)
        pages = self.context.desks.pages(contract.reads, "ListMatters", request, self.context.caller())
        found = [one for page in pages for one in page.matters]
        self.mark = max(
            [self.mark, *(one.update_time for one in found)], key=lambda time: time.ToNanoseconds()
        )
        return [one for one in found if not self.named or _id(one) in self.named]

    def show(self, one: "matters.Matter") -> None:
        """Print a matter as it is now, in one line."""
        self.states[_id(one)] = one.state
        case = case_of(self.context, _id(one))
        words = language.of_both(act_words.state_words(one.state))
        if self.context.as_json:
            told: dict[str, Any] = {
                "time": one.update_time.ToJsonString(),
                "matter": _id(one),
                "state": one.state,
                "state_words": words,
            }
            out.print(json.dumps(told | plain_next(case)), markup=False, highlight=False, soft_wrap=True)
            return
        following = f"; {said('next')}: {next_words(case)}" if case is not None and case.holder else ""
        line = f"{clock(one.update_time)} WIB  {_id(one)}  {words} ({one.state}){following}"
        out.print(line, markup=False, highlight=False, soft_wrap=True)

    def reached(self, state: str) -> bool:
        """True if the named matters are all in a state; of all matters one that was shown is enough."""
        if self.named:
            return all(self.states.get(each) == state for each in self.named)
        return state in self.states.values()


@desk_command()
def watch(
    context: CommandContext,
    matter: Annotated[
        list[str] | None, typer.Argument(help="Only these; none: all of the party.", show_default=False)
    ] = None,
    matter_state: Annotated[
        str, typer.Option("--until", help="End when the named matters are all in this state, or any one.")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Show what there is to show, and end.")] = False,
    since: Annotated[
        str,
        typer.Option(metavar="INSTANT", help="Show what changed after this too: 2026-11-01T08:30 WIB."),
    ] = "",
    within: Annotated[
        float,
        typer.Option(min=0, help="End after so many seconds, with exit code 1 if --until is not reached."),
    ] = 0,
    every: Annotated[float, typer.Option(min=1, max=3600, help="Ask again after so many seconds.")] = 2,
) -> None:
    """[ro] Follow the matters of a party: each change in a line, with whose turn it is then. Ctrl-C ends it.

    Named matters are shown as they stand first. While the desk is away it waits, and goes on where it was.

    Example: netral matter watch 0199… --as bawaslu --until COMPLETED --within 600
    """
    if once and not (matter or since):
        raise typer.BadParameter(said("name a matter, or say since when"), param_hint="--once")
    state, started = code_of(matter_state), time.monotonic()
    begun = instant_of(since, "WIB", "--since")
    try:
        following = _begin(context, matter or (), begun, state)
        while not (state and following.reached(state)) and not once:
            left = within - (time.monotonic() - started)
            if within and left <= 0:
                raise typer.Exit(1 if state else 0)
            time.sleep(min(every, left) if within else every)
            _look(following)
    except KeyboardInterrupt:
        return


def _begin(context: CommandContext, named: Sequence[str], since: datetime | None, state: str) -> Watch:
    """Show what there is to show first, and begin with what changes then.

    Raises:
        Refused: a named matter, or the state, is none of the desk's.
    """
    mark = timestamp_pb2.Timestamp()
    mark.FromDatetime((since or datetime.now(UTC) - _LOOKS_BACK).astimezone(UTC))
    following = Watch(context, named, mark)
    if state:  # one that there is not would be waited for without end
        contract = matters.CONTRACTS[context.desks.desk_of(context.party)]
        asked = contract.list_(parent=context.parent, page_size=1, state=state)
        context.ask(contract.reads, "ListMatters", asked)
    changed = following.changed()
    for id in named:
        following.show(matters.get_matter(context.desks, context.caller(), id))
    for each in changed if since is not None and not named else ():
        following.show(each)
    return following


def _look(following: Watch) -> None:
    """Show what changed; a desk that is away is waited for, wherever it is when it comes back."""
    context, away = following.context, False
    while True:
        try:
            for each in following.changed():
                following.show(each)
        except client.Refused as refused:
            if refused.code not in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
                raise
            if not away:
                _say(said("the desk of {party} does not answer; it is waited for", party=context.party))
            away = True
            time.sleep(1)
            _find_again(context)
            continue
        if away:
            _say(said("the desk of {party} answers again", party=context.party))
        return


def _find_again(context: CommandContext) -> None:
    """Ask where the desks are now: they may have been started anew."""
    try:
        found = client.Desks.of(context.state)
    except client.NotRunning:
        return
    context.desks.close()
    context.desks = found


def _id(one: "matters.Matter") -> str:
    return one.name.rpartition("/")[2]


def _say(text: str) -> None:
    err.print(text, markup=False, highlight=False)
