"""`netral audit proof`, `export` and `verify`: inclusion of a leaf, exported logs, verification from files and public keys."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli import language
from cli.audit import tile_files
from cli.audit.packs import is_pack, verify_packs
from cli.audit.tile_files import CannotCopy
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, JsonOption, StateOption, desk_command
from cli.output import err, out, print_json
from cli.terminal.progress import counted, working
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    from audit.verification import cross_check, export_file
    from audit.verification import findings as verification_findings
    from exchange.statements import trust
    from netral.audit.v1 import service_pb2 as pb
    from netral.audit.v1 import service_pb2_grpc as stubs
    from operations.local import client
    from operations.local import verify as local_verify

# Logs are exported one after the other; what was signed later may be in one and not yet in the other.
_SETTLED = timedelta(seconds=10)


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "proof": proof,
        "export": export,
        "verify": verify,
    }


@desk_command()
def proof(
    context: CommandContext,
    index: int,
    size: Annotated[int, typer.Option(min=0, help="Of the tree of this size; 0 for the newest.")] = 0,
) -> None:
    """[ro] Prove that a leaf is in the log (RFC 6962 2.1.1), with the signed checkpoint.

    Example: netral audit proof 17 --as kasn
    """
    request = pb.GetInclusionProofRequest(parent=context.parent, index=index, size=size)
    found = context.ask(stubs.AuditServiceStub, "GetInclusionProof", request, role="auditor")
    if context.as_json:
        print_json(found)
        return
    out.print(said("leaf {index} in the tree of size {size}:", index=found.index, size=found.size))
    for hash_ in found.hashes:
        out.print(f"  {hash_.hex()}")
    out.print(found.note, markup=False, highlight=False, soft_wrap=True)


@desk_command()
def export(
    context: CommandContext,
    file: Annotated[Path | None, typer.Argument(help="The file to write, as --file.")] = None,
    to: Annotated[Path | None, typer.Option("--file", help="The file to write.")] = None,
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
    """[ro] Export a party's whole log to a file, or as tiles. `netral audit verify FILE` checks it without any service.

    Hash tiles name nobody and are open to all parties; entries are written for the party's own log only.

    Example: netral audit export kasn.log --as kasn
    Example: netral audit export --tiles kasn/ --as kasn
    """
    if tiles is not None:
        _export_tiles(context, tiles, url)
        return
    file = file or to
    if file is None:
        raise typer.BadParameter(said("name a file, or a folder with --tiles"), param_hint="FILE")
    exported = local_verify.exported(context.desks, context.caller("auditor"))
    count = export_file.write_export(file, counted(exported, "checkpoints and leaves"))
    if context.as_json:
        print_json({"file": str(file), "items": count})
    else:
        err.print(said("{file}: {count} checkpoints and leaves.", file=file, count=count))


def _export_tiles(context: CommandContext, folder: Path, url: str) -> None:
    try:
        count = tile_files.copy(folder, url) if url else _own_tiles(context, folder)
    except CannotCopy as error:
        raise typer.BadParameter(str(error), param_hint="--tiles") from None
    if context.as_json:
        print_json({"folder": str(folder), "files": count})
    else:
        err.print(said("{folder}: {count} files.", folder=folder, count=count))


def _own_tiles(context: CommandContext, folder: Path) -> int:
    """The party's own log, as far as it is published, with its cosignatures; as far as it is signed if no peer watches it."""
    request = pb.GetCheckpointRequest(parent=context.parent, standing=pb.STANDING_PUBLISHED)
    try:
        head = context.ask(stubs.AuditServiceStub, "GetCheckpoint", request, role="auditor")
    except client.Refused as refused:
        if refused.code != "NOT_FOUND":
            raise
        request.standing = pb.STANDING_SIGNED
        head = context.ask(stubs.AuditServiceStub, "GetCheckpoint", request, role="auditor")
    items = counted(local_verify.exported(context.desks, context.caller("auditor")), "checkpoints and leaves")
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
    """[ro] Verify every leaf, signature, receipt and checkpoint, and log against log, from files and public keys.

    Exit code 1 if anything is not as it must be; each finding names the matter. Evidence packs need no service either.

    Example: netral audit verify pack.zip --parties parties.json --policy policy.txt
    """
    world = Installation(state)
    trusted = trust.load_parties(parties or world.parties_file)
    packs = [path for path in files or () if is_pack(path)]
    if packs and len(packs) < len(files or ()):
        raise typer.BadParameter(
            said("exported logs or evidence packs, not both at once"), param_hint="FILES"
        )
    if packs:
        raise typer.Exit(
            1 if verify_packs(packs, parties or world.parties_file, policy or (), as_json) else 0
        )
    erasures = local_verify.Erasures()
    if files:
        verified, settled = [_verify_file(path, trusted, erasures) for path in files], None
    else:
        desks = client.Desks.of(world)
        settled = datetime.now(UTC) - _SETTLED
        with working("verifying every log"):
            verified = local_verify.verify_world(desks, world, trusted, erasures=erasures)
        desks.close()
    findings = [finding for log in verified for finding in log.findings] + cross_check.cross_check(
        verified, settled
    )
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
                said(
                    "{party} leaf {index}, matter {matter}: {words}",
                    party=each["party"],
                    index=each["index"],
                    matter=each["matter"],
                    words=each["says_id" if language.chosen() == "id" else "says"],
                ),
                highlight=False,
                soft_wrap=True,
            )
    raise typer.Exit(1 if findings else 0)


def vars_of(finding: "verification_findings.Finding") -> dict[str, str | int]:
    """A finding as plain data."""
    return {name: getattr(finding, name) for name in ("party", "index", "matter", "kind", "message")}


def print_verified(
    verified: "list[verification_findings.Verified]", findings: "list[verification_findings.Finding]"
) -> None:
    """Say what was checked and what was found."""
    for log in verified:
        statements, receipts = len(log.statements), len(log.receipts)
        well = "ok" if not any(each.party == log.party for each in findings) else said("[red]NOT OK[/red]")
        out.print(
            said(
                "{well}  {party}: {size} leaves, {statements} statements, {receipts} receipts",
                well=well,
                party=log.party,
                size=log.size,
                statements=statements,
                receipts=receipts,
            ),
            highlight=False,
            soft_wrap=True,
        )
    print_findings(verified, findings)


def print_findings(
    verified: "list[verification_findings.Verified]", findings: "list[verification_findings.Finding]"
) -> None:
    """Say what was found, and in how many leaves of how many logs."""
    for finding in findings:
        where = said("leaf {index}", index=finding.index) if finding.index >= 0 else "log"
        out.print(
            said(
                "[red]{party} {where}, matter {matter}[/red]: {kind}: {message}",
                party=finding.party,
                where=where,
                matter=finding.matter or "-",
                kind=finding.kind,
                message=finding.message,
            ),
            highlight=False,
            soft_wrap=True,
        )
    leaves = sum(log.size for log in verified)
    out.print(
        said(
            "{verified} logs, {leaves} leaves, {findings} findings.",
            verified=len(verified),
            leaves=leaves,
            findings=len(findings),
        )
    )


def _verify_file(
    path: Path, trusted: "trust.Parties", erasures: "local_verify.Erasures"
) -> "verification_findings.Verified":
    """Verify an exported log. Whose it is, its first checkpoint says, and its signature proves."""
    try:
        items = list(counted(export_file.read_export(path), "checkpoints and leaves"))
    except (OSError, export_file.BadExport) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="FILES") from None
    origins = (item.checkpoint.origin for item in items if item.HasField("checkpoint"))
    party = next(origins, "").removeprefix("netral/")
    return local_verify.verify_party(party, erasures.of(party, items), trusted)
