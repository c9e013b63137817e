"""`netral demo`: two real kinds of case, played through three services, with the evidence shown as it comes to be.

The persons are invented. At the end a byte is changed in a copy of one desk's database, and the verification names the matter.
"""

import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import Commands, JsonOption
from cli.output import WIB, err, out, print_json
from operations.local.installation import Installation

with deferred_imports():
    import asyncio

    from rich import markup

    from audit.verification import findings as verification
    from cli.audit import logs
    from cli.cooperation import campaigns, monitor
    from cli.matter import matters
    from cooperation.monitoring import explain_due_date
    from exchange.reconciliation import matter_timeline
    from netral.monitoring.v1 import service_pb2 as monitoring
    from netral.prevention.v1 import service_pb2 as prevention
    from operations.demo import cases, run, teller
    from operations.local import development_world, processes

FOLDER = Path(".netral-demo")
_MARK = "made-by-netral-demo"


def commands() -> Commands:
    """The commands of this module by name."""
    return {"demo": demo}


def demo(
    state: Annotated[Path, typer.Option("--state", help="Folder of the demo; made anew each time.")] = FOLDER,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show every receipt, both timelines and all figures.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """[rw] Play two cases through three services and NATS, verify every log, and catch a changed byte.

    Example: netral demo
    """
    started = time.monotonic()
    out.quiet = as_json
    world = _fresh(state)
    try:
        matter, caught = asyncio.run(run.run(world, _Printer(verbose)))
    except processes.CannotStart as error:
        err.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from None
    _print_next(world, matter)
    seconds = round(time.monotonic() - started, 1)
    _line(said("Done in {seconds:.0f} s.", seconds=seconds))
    if as_json:
        findings = [logs.vars_of(finding) for finding in caught]
        print_json({"state": str(state), "matter": matter, "caught": findings, "seconds": seconds})


def _fresh(folder: Path) -> Installation:
    """A new world in the demo's own folder; never over a folder that the demo did not make."""
    mark = folder / _MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise typer.BadParameter(said("{folder} is not a demo's folder", folder=folder), param_hint="--state")
    if Installation(folder).running():
        raise typer.BadParameter(
            said("{folder} is running; `netral down --state {folder}` first", folder=folder),
            param_hint="--state",
        )
    shutil.rmtree(folder, ignore_errors=True)
    world = Installation(folder)
    development_world.make_world(world)
    mark.touch()
    world.stop_clock("netral demo")
    return world


class _Printer:
    """Prints the demo: a line for each step with the keys that signed it, or with `verbose` every receipt."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose

    def chapter(self, title: str) -> None:
        if self._verbose:
            out.print()
        _line(f"[bold]── {title}[/bold]")

    def say(self, text: str) -> None:
        _line(markup.escape(text))

    def step(self, step: "teller.Step") -> None:
        proof = "" if self._verbose else _proof(step)
        _line(f"{step.number:2}. {markup.escape(step.text)} → [bold]{step.state}[/bold]{proof}")
        for sent in step.sent if self._verbose else ():
            _line(f"    {_evidence(sent)}")

    def timeline(self, title: str, acts: "list[matter_timeline.Act]") -> None:
        if self._verbose:
            self.chapter(title)
            matters.print_timeline(acts, WIB, "WIB")

    def coverage(self, found: "prevention.Coverage") -> None:
        if self._verbose:
            campaigns.print_coverage(found)
            return
        self.say(", ".join(f"{figure.id.lower()} {figure.n}/{figure.of}" for figure in found.figures))

    def figures(self, found: "monitoring.Summary") -> None:
        if self._verbose:
            monitor.print_summary(found)
            return
        self.say(found.sentence)
        self.say(", ".join(f"{figure.id} {figure.n}/{figure.of}" for figure in found.figures))

    def due_date(self, reason: "explain_due_date.Reason") -> None:
        if self._verbose:
            matters.print_why_due(reason)
            return
        facts, rule = reason.sent.facts, reason.by_rule
        skipped = f", {len(rule.skipped)} days skipped by name" if rule else ""
        self.say(f"{facts.letter_number} to {facts.addressee}: due {reason.stated}{skipped}")

    def verified(
        self, verified: "list[verification.Verified]", findings: "list[verification.Finding]"
    ) -> None:
        (logs.print_verified if self._verbose else logs.print_findings)(verified, findings)


def _proof(step: "teller.Step") -> str:
    """The signer of a step's statements and the signers of their receipts, each with the key; copies are left out."""
    sent = [each for each in step.sent if not each.copy]
    if not sent:
        return ""
    receipts = ", ".join(f"{each.recipient} {each.receipt_keyid[:8]}" for each in sent)
    return f"  [dim]signed {sent[0].sender} {sent[0].keyid[:8]}, receipt {receipts}[/dim]"


def _evidence(sent: "matter_timeline.StatementLine") -> str:
    type = sent.type.removeprefix("netral.").removesuffix(".v1")
    copy = " (tembusan)" if sent.copy else ""
    return (
        f"[dim]{type}{copy} → {sent.recipient} no. {sent.sequence}, signed by {sent.sender} key {sent.keyid[:8]}; "
        f"{sent.outcome} signed by {sent.recipient} key {sent.receipt_keyid[:8]}, "
        f"kept by {' and '.join(sorted(sent.receipt_kept_by))}[/dim]"
    )


def _print_next(world: Installation, matter: str) -> None:
    _line(said("[bold]── What to try next[/bold]"))
    program = ".venv/bin/netral" if Path(".venv/bin/netral").exists() else "netral"
    for line in (
        f"export NETRAL_STATE={world.folder}; {program} up --detach   # the same world again",
        f"{program} matter timeline {matter}",
        f"{program} matter file {matter} --as {cases.KOTAWARINGIN_TIMUR} --purpose handling   # the reading is recorded",
        f"{program} down",
    ):
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _line(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)
