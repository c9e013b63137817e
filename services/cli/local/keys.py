"""`netral keys …`: keys and the parties file of a development world."""

import shutil
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from cli.deferred_imports import deferred_imports
from cli.language import refusal_text, said
from cli.options import Commands, JsonOption, StateOption
from cli.output import err, print_json
from operations.local.installation import DEFAULT_STATE, EXAMINERS, Installation

with deferred_imports():
    import refusals
    from operations.local import development_world


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "init": init,
        "pass-role": pass_role,
        "rotate-seal": rotate_seal,
    }


def init(
    state: StateOption = DEFAULT_STATE,
    examiner: Annotated[
        str, typer.Option(help="Who holds the examiner role: as the law has it (law), or always kasn or bkn.")
    ] = "law",
    ml_dsa: Annotated[
        bool,
        typer.Option(
            "--ml-dsa", help="Give supervisor and examiners a second key (ML-DSA-44) to cosign logs with."
        ),
    ] = False,
    auditor: Annotated[
        list[str] | None,
        typer.Option(help="An auditor as a party: bpk, insp-ppk-6202, insp-kemenkeu; more by repeating it."),
    ] = None,
    kpu: Annotated[
        bool, typer.Option("--kpu", help="KPU as a party: authorities' teams tell it of first signs.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Throw away the world that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """[rw] Make a development world: parties file, keys of every institution, NATS passwords.

    By law KASN's role passed to BKN on 4 September 2024, so BKN examines now. `--examiner kasn` lets KASN's role go on until
    `netral keys pass-role`, as in the demo and in an installation that `netral up` makes. The examiner's desk serves both.

    Example: netral keys init --examiner kasn
    """
    if examiner not in EXAMINERS:
        raise typer.BadParameter(said("one of {value}", value=", ".join(EXAMINERS)), param_hint="--examiner")
    world = Installation(state)
    for party in auditor or ():
        if not development_world.is_auditor(party):
            raise typer.BadParameter(
                said("{party} is no auditor of the agreement", party=party), param_hint="--auditor"
            )
    if world.running():
        _fail(said("{state} is running; `netral down` first", state=state))
    if world.exists:
        if not force:
            _fail(
                said(
                    "{state} already has a world; --force throws it away, with its keys and data", state=state
                )
            )
        shutil.rmtree(state)
    try:
        readers = [*(auditor or ()), *(["kpu"] if kpu else [])]
        development_world.make_world(world, examiner, ml_dsa=ml_dsa, auditors=readers)
    except development_world.CannotMake as error:
        _fail(str(error))
    parties = sum(len(served) for served in world.hosts().values())
    if as_json:
        print_json({"state": str(state), "parties": parties, "examiner": examiner})
    else:
        err.print(
            said(
                "{state}: {parties} parties, examiner {examiner}. These keys are for development only.",
                state=state,
                parties=parties,
                examiner=examiner,
            )
        )


def pass_role(
    to: Annotated[str, typer.Option(help="The next examiner, such as bkn.")] = "bkn",
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[rw] Pass the examiner's role on from now, in a world that is stopped.

    Stop the world first (`netral down`); after it, the old examiner hands over (`netral examiner transfer`) and does
    nothing else, and the new one goes on.

    Example: netral keys pass-role --to bkn
    """
    world = Installation(state)
    if not world.exists:
        _fail(said("{state} has no world; `netral keys init` first", state=state))
    if world.running():
        _fail(said("{state} is running; `netral down` first", state=state))
    try:
        holder = development_world.pass_role(world, to, datetime.now(UTC))
    except refusals.NotAllowed as refusal:
        _fail(refusal_text(refusal))
    if as_json:
        print_json({"state": str(state), "from": holder, "to": to})
    else:
        err.print(
            said(
                "{state}: the examiner's role passed from {holder} to {to}. `netral up` starts with it.",
                state=state,
                holder=holder,
                to=to,
            )
        )


def rotate_seal(
    party: Annotated[
        list[str] | None, typer.Option("--party", help="Only this party; more by repeating it. Without: all.")
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Destroy the older private keys now, not a day after.")
    ] = False,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[rw] Make new sealing keys (HPKE) from now, in a world that is stopped.

    Personal parts that lie sealed on the bus, or in a backup of it, are readable as long as the private key exists to which they
    were sealed: rotate on a schedule (a month, say), and after an erasure. Older private keys are destroyed a day after their
    period ended, when the desk starts.

    Example: netral keys rotate-seal
    """
    world = Installation(state)
    if not world.exists:
        _fail(said("{state} has no world; `netral keys init` first", state=state))
    if world.running():
        _fail(said("{state} is running; `netral down` first", state=state))
    unknown = set(party or ()) - {each for served in world.hosts().values() for each in served}
    if unknown:
        raise typer.BadParameter(
            said("no keys of {value} are here", value=", ".join(sorted(unknown))), param_hint="--party"
        )
    rotated = development_world.rotate_seal(world, datetime.now(UTC), party or (), at_once=at_once)
    if as_json:
        print_json({"state": str(state), "parties": rotated})
    else:
        err.print(
            said(
                "{state}: new sealing keys for {rotated} parties. `netral up` starts with them.",
                state=state,
                rotated=len(rotated),
            )
        )


def _fail(text: str) -> NoReturn:
    err.print(text, markup=False, highlight=False)
    raise typer.Exit(1)
