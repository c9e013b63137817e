"""`netral audit peers`, `policy` and `check-misbehaviour`: witnesses of logs, their rules, and accusations."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, JsonOption, StateOption, desk_command
from cli.output import clock, err, out, print_json, print_text, table_of
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    from agreement.parties import institutions
    from audit.formats import note, policy
    from audit.witnessing import misbehaviour, rules
    from exchange import witness_config
    from exchange.statements import trust
    from netral.audit.v1 import service_pb2 as pb
    from netral.audit.v1 import service_pb2_grpc as stubs

_CROWD_SHOWN = 5


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "peers": peers,
        "policy": policy_,
        "check-misbehaviour": check_misbehaviour,
    }


@desk_command()
def peers(
    context: CommandContext,
    evidence: Annotated[
        Path | None, typer.Option(help="Write each accusation as a file into this folder.")
    ] = None,
) -> None:
    """[ro] List the witnesses of a party's log, the logs that it cosigns, and its accusations.

    Exit code 1 if somebody is accused of a fork or a rollback.

    Example: netral audit peers --as kasn --evidence accusations
    """
    found = context.ask(
        stubs.AuditServiceStub, "ListPeers", pb.ListPeersRequest(parent=context.parent), role="auditor"
    )
    if evidence is not None:
        for each in found.accusations:
            _write(evidence, each, witness_config.cosigner_name(context.party))
    if context.as_json:
        print_json(found)
    else:
        _print_peers(context.party, found)
        if evidence is not None:
            err.print(
                said(
                    "{evidence}: {accusations} accusations.",
                    evidence=evidence,
                    accusations=len(found.accusations),
                )
            )
    raise typer.Exit(1 if any(each.kind in ("fork", "rollback") for each in found.accusations) else 0)


def policy_(
    log: Annotated[str, typer.Argument(help="The party whose log is to be judged, such as kasn.")],
    parties: Annotated[
        Path | None, typer.Option(help="The parties file to trust; without, that of the world.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="What one peer has cosigned is enough; else what is final.")
    ] = False,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="When the checkpoint was signed, UTC; now."
        ),
    ] = None,
    guests: Annotated[
        Path | None, typer.Option(help="The file of outside witnesses (NETRAL_WITNESSES_FILE).")
    ] = None,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[ro] Print the rule by which a log's checkpoints are accepted (C2SP tlog-policy).

    Example: netral audit policy kasn --parties parties.json > kasn.policy
    """
    trusted = trust.load_parties(parties or Installation(state).parties_file)
    if trusted.get(log) is None:
        raise typer.BadParameter(said("there is no party {log}", log=log), param_hint="LOG")
    try:
        rule = witness_config.WitnessAssignment(
            trusted, institutions.watch, witness_config.load_external_witnesses(guests)
        ).policy(log, at.replace(tzinfo=UTC) if at else datetime.now(UTC), final=not published)
    except (witness_config.BadWitnessesFile, policy.PolicyError) as error:
        raise typer.BadParameter(str(error), param_hint="--guests") from None
    text = policy.print_policy(rule).decode()
    if as_json:
        print_json({"log": log, "final": not published, "policy": text})
    else:
        print_text(text)


def check_misbehaviour(
    file: Annotated[
        Path, typer.Argument(help="An accusation, as `netral audit peers --evidence` writes it.")
    ],
    parties: Annotated[
        Path | None, typer.Option(help="The parties file to trust; without, that of the world.")
    ] = None,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[ro] Check an accusation of a log. The file and the log's public key are enough.

    Exit code 0 if it proves that the log signed two histories, 1 if it does not.

    Example: netral audit check-misbehaviour accusations/3f2a….txt --parties parties.json
    """
    trusted = trust.load_parties(parties or Installation(state).parties_file)
    try:
        seen = misbehaviour.parse(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, misbehaviour.BadAccusation) as error:
        raise typer.BadParameter(f"{file}: {error}", param_hint="FILE") from None
    verdict = misbehaviour.judge(seen.accusation, _keys(trusted, seen.accusation.origin))
    if as_json:
        print_json({"origin": seen.accusation.origin, "proven": verdict.proven, "reason": verdict.reason})
    else:
        word = "[red]PROVEN[/red]" if verdict.proven else said("not proven")
        out.print(f"{word}  {seen.accusation.origin}: {verdict.reason}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if verdict.proven else 1)


def _keys(trusted: "trust.Parties", origin: str) -> "list[note.Verifier]":
    """Every key that ever signed the log: an accusation may be old."""
    known = trusted.get(origin.removeprefix("netral/"))
    return [note.Verifier(origin, key.public.public_bytes_raw()) for key in (known.signing if known else ())]


def _write(folder: Path, kept: "pb.Accusation", observer: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    accusation = rules.Accusation(kept.kind, kept.origin, kept.held, kept.offered, kept.proven, kept.detail)
    seen = misbehaviour.Seen(accusation, observer, kept.first_time.ToDatetime(tzinfo=UTC))
    (folder / f"{kept.kind}-{kept.digest[:16]}.txt").write_text(seen.text(), "utf-8")


def _print_peers(party: str, found: "pb.ListPeersResponse") -> None:
    out.print(
        said(
            "{party}: {size} leaves signed, {published_size} published, {final_size} final",
            party=party,
            size=found.size,
            published_size=found.published_size,
            final_size=found.final_size,
        ),
        highlight=False,
    )
    table = table_of("cosigner", "part", "size", "cosigned (WIB)", "failing since", "why")
    crowd = [each for each in found.cosigners if each.part == "crowd"]
    for each in found.cosigners:
        if each.part != "crowd" or each in crowd[:_CROWD_SHOWN]:
            part = each.part + (said(", needed") if each.needed else "")
            since = clock(each.failing_since)
            table.add_row(each.name, part, each.size, clock(each.time), since, each.reason)
    if found.cosigners:
        out.print(table)
    if len(crowd) > _CROWD_SHOWN:
        done = sum(each.size > 0 for each in crowd)
        out.print(
            said(
                "… {crowd} in the crowd, {done} have cosigned (--json shows all).",
                crowd=len(crowd),
                done=done,
            ),
            highlight=False,
        )
    watched = [each for each in found.watched if each.size]
    if watched:
        out.print(said("cosigns {watched} logs, the newest changes:", watched=len(watched)), highlight=False)
        table = table_of("log", "size", "grown (WIB)", "cosigned (WIB)")
        for log in sorted(watched, key=lambda log: log.grow_time.ToNanoseconds(), reverse=True)[:20]:
            table.add_row(log.origin, log.size, clock(log.grow_time), clock(log.time))
        out.print(table)
    for kept in found.accusations:
        proven = " (proven)" if kept.proven else ""
        out.print(
            said(
                "[red]{kind}{proven}[/red] {origin}: {detail}; seen {seen} times, last {last_time} WIB, evidence {digest}",
                kind=kept.kind,
                proven=proven,
                origin=kept.origin,
                detail=kept.detail,
                seen=kept.seen,
                last_time=clock(kept.last_time),
                digest=kept.digest[:16],
            ),
            highlight=False,
            soft_wrap=True,
        )
