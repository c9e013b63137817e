"""`netral audit …`: search the trail, prove a leaf, export logs, verify everything from files and public keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from audit.verification.logs import (
    BadExport,
    Finding,
    Verified,
    cross_check,
    read_export,
    write_export,
)
from cli.audit import fsck, tile_files, witnesses
from cli.audit.packs import is_pack, pack, verify_packs
from cli.audit.reconcile import pairs_, reconcile
from cli.audit.search import diff, search, state, why
from cli.audit.tile_files import CannotCopy
from cli.cooperation import erasure
from cli.options import CommandContext, JsonOption, StateOption, desk_command, err, out, print_json
from exchange.statements import trust
from netral.audit.v1 import service_pb2 as pb
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from operations.local.client import Desks, Refused
from operations.local.installation import DEFAULT_STATE, Installation
from operations.local.verify import Erasures, exported, verify_party, verify_world

# Logs are exported one after the other; what was signed later may be in one and not yet in the other.
_SETTLED = timedelta(seconds=10)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="The trail: search it, prove it, verify it.", no_args_is_help=True)
    commands: dict[str, Callable[..., None]] = {
        "search": search,
        "why": why,
        "state": state,
        "diff": diff,
        "proof": proof,
        "export": export,
        "pack": pack,
        "pairs": pairs_,
        "reconcile": reconcile,
        "verify": verify,
        "retention": erasure.retention_due,
    }
    for name, command in commands.items():
        group.command(name)(command)
    witnesses.add_to(group)
    fsck.add_to(group)
    app.add_typer(group, name="audit", rich_help_panel="Operation and audit")


@desk_command()
def proof(
    door: CommandContext,
    index: int,
    size: Annotated[int, typer.Option(min=0, help="Of the tree of this size; 0 for the newest.")] = 0,
) -> None:
    """\\[ro] The inclusion proof of a leaf (RFC 6962 2.1.1) with the signed checkpoint it leads to.

    Example: netral audit proof 17 --as kasn
    """
    request = pb.GetInclusionProofRequest(parent=door.parent, index=index, size=size)
    found = door.ask(AuditServiceStub, "GetInclusionProof", request, role="auditor")
    if door.as_json:
        print_json(found)
        return
    out.print(f"leaf {found.index} in the tree of size {found.size}:")
    for hash_ in found.hashes:
        out.print(f"  {hash_.hex()}")
    out.print(found.note, markup=False, highlight=False, soft_wrap=True)


@desk_command()
def export(
    door: CommandContext,
    file: Annotated[Path | None, typer.Argument(help="The file to write.")] = None,
    tiles: Annotated[
        Path | None, typer.Option(help="Write static files (C2SP tlog-tiles) into this folder instead.")
    ] = None,
    url: Annotated[
        str,
        typer.Option(
            help="With --tiles: copy another log's hashes from its HTTP prefix, such as http://host/netral/bkn."
        ),
    ] = "",
) -> None:
    """\\[ro] Write a party's whole log to a file, which `netral audit verify FILE` checks without any service; or as tiles.

    Hash tiles name nobody and are open to all parties; entries are written for the party's own log only.

    Example: netral audit export kasn.log --as kasn
    Example: netral audit export --tiles kasn/ --as kasn
    """
    if tiles is not None:
        _export_tiles(door, tiles, url)
        return
    if file is None:
        raise typer.BadParameter("name a file, or a folder with --tiles", param_hint="FILE")
    count = write_export(file, exported(door.desks, door.caller("auditor")))
    if door.as_json:
        print_json({"file": str(file), "items": count})
    else:
        err.print(f"{file}: {count} checkpoints and leaves.")


def _export_tiles(door: CommandContext, folder: Path, url: str) -> None:
    try:
        count = tile_files.copy(folder, url) if url else _own_tiles(door, folder)
    except CannotCopy as error:
        raise typer.BadParameter(str(error), param_hint="--tiles") from None
    if door.as_json:
        print_json({"folder": str(folder), "files": count})
    else:
        err.print(f"{folder}: {count} files.")


def _own_tiles(door: CommandContext, folder: Path) -> int:
    """The party's own log, as far as it is published, with its cosignatures; as far as it is signed if no peer watches it."""
    request = pb.GetCheckpointRequest(parent=door.parent, standing=pb.STANDING_PUBLISHED)
    try:
        head = door.ask(AuditServiceStub, "GetCheckpoint", request, role="auditor")
    except Refused as refused:
        if refused.code != "NOT_FOUND":
            raise
        request.standing = pb.STANDING_SIGNED
        head = door.ask(AuditServiceStub, "GetCheckpoint", request, role="auditor")
    items = exported(door.desks, door.caller("auditor"))
    entries = (item.leaf.body for item in items if item.HasField("leaf"))
    return tile_files.write(folder, head.note + head.cosignatures, entries)


def verify(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Exported logs, or evidence packs; without, every log of the world."),
    ] = None,
    parties: Annotated[
        Path | None, typer.Option(help="The parties file to trust; without, that of the world.")
    ] = None,
    policy: Annotated[
        list[Path] | None,
        typer.Option(
            help="For packs: the tlog-policy whose quorum must have cosigned; one for each log, or for all."
        ),
    ] = None,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """\\[ro] Verify logs from files and public keys: every leaf, signature, receipt, checkpoint, and log against log.

    Exit code 1 if anything is not as it must be; each finding names the matter. Evidence packs need no service either.

    Example: netral audit verify pack.zip --parties parties.json --policy policy.txt
    """
    world = Installation(state)
    trusted = trust.load_parties(parties or world.parties_file)
    packs = [path for path in files or () if is_pack(path)]
    if packs and len(packs) < len(files or ()):
        raise typer.BadParameter("exported logs or evidence packs, not both at once", param_hint="FILES")
    if packs:
        raise typer.Exit(
            1 if verify_packs(packs, parties or world.parties_file, policy or (), as_json) else 0
        )
    erasures = Erasures()
    if files:
        verified, settled = [_verify_file(path, trusted, erasures) for path in files], None
    else:
        desks = Desks.of(world)
        settled = datetime.now(UTC) - _SETTLED
        verified = verify_world(desks, world, trusted, erasures=erasures)
        desks.close()
    findings = [finding for log in verified for finding in log.findings] + cross_check(verified, settled)
    if as_json:
        print_json(
            {
                "logs": [{"party": log.party, "size": log.size} for log in verified],
                "findings": [vars_of(finding) for finding in findings],
                "erased": erasures.found,
            }
        )
    else:
        print_verified(verified, findings)
        for each in erasures.found:
            out.print(
                f"{each['party']} leaf {each['index']}, matter {each['matter']}: {each['says']}",
                highlight=False,
                soft_wrap=True,
            )
    raise typer.Exit(1 if findings else 0)


def vars_of(finding: Finding) -> dict[str, object]:
    """A finding as plain data."""
    return {name: getattr(finding, name) for name in ("party", "index", "matter", "kind", "message")}


def print_verified(verified: list[Verified], findings: list[Finding]) -> None:
    """Say what was checked and what was found."""
    for log in verified:
        statements, receipts = len(log.statements), len(log.receipts)
        well = "ok" if not any(each.party == log.party for each in findings) else "[red]NOT OK[/red]"
        out.print(
            f"{well}  {log.party}: {log.size} leaves, {statements} statements, {receipts} receipts",
            highlight=False,
            soft_wrap=True,
        )
    for finding in findings:
        where = f"leaf {finding.index}" if finding.index >= 0 else "log"
        out.print(
            f"[red]{finding.party} {where}, matter {finding.matter or '-'}[/red]: {finding.kind}: {finding.message}",
            highlight=False,
            soft_wrap=True,
        )
    leaves = sum(log.size for log in verified)
    out.print(f"{len(verified)} logs, {leaves} leaves, {len(findings)} findings.")


def _verify_file(path: Path, trusted: trust.Parties, erasures: Erasures) -> Verified:
    """Verify an exported log. Whose it is, its first checkpoint says, and its signature proves."""
    try:
        items = list(read_export(path))
    except (OSError, BadExport) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="FILES") from None
    origins = (item.checkpoint.origin for item in items if item.HasField("checkpoint"))
    party = next(origins, "").removeprefix("netral/")
    return verify_party(party, erasures.of(party, items), trusted)
