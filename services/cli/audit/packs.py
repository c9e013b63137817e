"""`netral audit pack`: evidence packs, made by a desk and written to a file; and their verification, without any desk."""

import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID, uuid4

import typer
from rich.markup import escape

from cli.deferred_imports import deferred_imports
from cli.language import said, why
from cli.options import CommandContext, Commands, desk_command, enum_of
from cli.output import err, out, print_json
from cli.terminal.progress import working
from storage.files import whole_file

with deferred_imports():
    from audit.formats import policy
    from audit.packs import verify, verify_part
    from exchange.statements import public_keys, trust
    from netral.audit.v1 import events_pb2
    from netral.audit.v1 import service_pb2 as pb
    from netral.audit.v1 import service_pb2_grpc as stubs
    from operations.local import client, matters
    from verifier import command, packs, parts, strict
    from verifier import trust as standalone_trust

Purpose = Annotated[
    Literal["verification", "supervision", "audit", "proceedings", "person-request"],
    typer.Option(help="Why the entries leave the desk; it stands in the trail."),
]
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "pack": pack,
    }


@desk_command(writes=True)
def pack(
    context: CommandContext,
    what: Annotated[str, typer.Argument(help="A matter, a case, or a range of the log such as 100-199.")],
    file: Annotated[Path | None, typer.Option("--file", "--out", help="Where to write the zip.")] = None,
    purpose: Purpose = "audit",
    with_: Annotated[
        list[str] | None, typer.Option("--with", help="Another party of this world whose log joins in.")
    ] = None,
    join: Annotated[
        list[Path] | None, typer.Option(help="A pack of the same matters that another party made.")
    ] = None,
    size: Annotated[int, typer.Option(min=0, help="At the checkpoint of this size; 0: the newest.")] = 0,
) -> None:
    """[rw] Export an evidence pack (paket bukti): one zip that anybody can verify.

    It can be verified without network or service: `netral audit verify pack.zip`, or by one file, verify_standalone.py. That
    it was made, by whom and why, is recorded in the log.

    Example: netral audit pack 0199… --with kasn --with ppk-6202 --purpose proceedings
    """
    request = pb.ExportPackRequest(
        parent=context.parent, purpose=enum_of(events_pb2.ExportPurpose, "EXPORT_PURPOSE", purpose)
    )
    _set_scope(context, request, what)
    request.joined.extend(_read(path) for path in join or ())
    path = file or Path(f"evidence-{what}-{context.party}.zip")
    with whole_file(path) as target, working("making the pack"):
        for party in dict.fromkeys(with_ or ()):
            if party == context.party:
                continue  # its own log is in the pack
            request.joined.append(_made(context, request, context.caller("auditor", party))[0])
        request.size, request.request_id = size, context.new_request_id()
        data, record = _made(context, request, context.caller("auditor"))
        target.write(data)
    digest = sha256(data).hexdigest()
    if context.as_json:
        print_json({"file": str(path), "sha256": digest, "bytes": len(data), "record": record})
    else:
        out.print(
            said(
                "{file}: {count} bytes, SHA-256 {digest}",
                file=_shown(str(path)),
                count=len(data),
                digest=digest,
            ),
            highlight=False,
            soft_wrap=True,
        )
        err.print(said("recorded as {record}", record=record), highlight=False)


def _set_scope(context: CommandContext, request: "pb.ExportPackRequest", what: str) -> None:
    if found := _RANGE.fullmatch(what):
        request.first_index, request.end_index = int(found[1]), int(found[2]) + 1
        return
    try:
        id = str(UUID(what))
    except ValueError:
        raise typer.BadParameter(said("a matter or case (UUID), or a range such as 100-199")) from None
    of_case: Sequence[str] = ()
    with suppress(client.Refused):  # a party without matters of its own, such as one that only holds data
        of_case = matters.matters_of_case(context.desks, context.caller(), id)
    request.matters.extend(of_case or [id])
    request.case_id = id if of_case else ""


def _made(
    context: CommandContext, request: "pb.ExportPackRequest", caller: "client.Caller"
) -> tuple[bytes, str]:
    """The pack that a caller's desk makes, and its record."""
    asked = pb.ExportPackRequest()
    asked.CopyFrom(request)
    if caller.party != context.party:
        asked.parent, asked.request_id = f"institutions/{caller.party}", str(uuid4())
        del asked.joined[:]
    pieces = list(context.desks.stream(stubs.AuditServiceStub, "ExportPack", asked, caller))
    return b"".join(piece.data for piece in pieces), pieces[0].record


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: {why(error)}") from None


def is_pack(path: Path) -> bool:
    """True if a file is a zip, by its first bytes, or by its name if those are broken."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK" or path.suffix == ".zip"
    except OSError as error:
        raise typer.BadParameter(f"{path}: {why(error)}", param_hint="FILES") from None


def verify_packs(paths: Sequence[Path], parties: Path, policies: Sequence[Path], as_json: bool) -> int:
    """Verify packs with keys and policy from outside, and print what was found; gives the number of findings."""
    trusted = _trusted(parties, policies)
    with working("verifying"):
        results = {path: verify.check(_read(path), trusted) for path in paths}
    if as_json:
        print_json([{"file": str(path)} | command.as_json(found) for path, found in results.items()])
    else:
        for path, found in results.items():
            _print(path, found)
    return sum(len(found.findings) for found in results.values())


def _trusted(parties: Path, policies: Sequence[Path]) -> "verify_part.Trusted":
    known, texts = trust.load_parties(parties), [_read(path) for path in policies]
    try:
        standalone = standalone_trust.load_trust(_read(parties), *texts)
        read = [policy.parse(text) for text in texts]
    except (strict.Bad, policy.PolicyError) as error:
        raise typer.BadParameter(str(error), param_hint="--policy") from None
    log_keys = {party: public_keys.log_keys(known, party) for party in known.parties}
    return verify_part.Trusted(public_keys.author_keys(known), log_keys, read, standalone)


def _print(path: Path, found: "packs.Result") -> None:
    verdict = said("[red]NOT SOUND[/red]") if found.findings else "sound"
    out.print(
        said(
            "{verdict}  {file}: made by {maker}",
            verdict=verdict,
            file=_shown(str(path)),
            maker=_shown(found.maker) or "-",
        ),
        highlight=False,
        soft_wrap=True,
    )
    for part in found.parts:
        size = part.head.size if part.head else 0
        cosigned = (
            said(", cosigned by {cosigned}", cosigned=parts.few_of(part.cosigned)) if part.cosigned else ""
        )
        out.print(
            said(
                "  {party}: {leaves} leaves of the tree of size {size}{cosigned}",
                party=_shown(part.party),
                leaves=len(part.leaves),
                size=size,
                cosigned=cosigned,
            ),
            highlight=False,
        )
    for each in found.findings:
        out.print(
            said(
                "[red]{file}, matter {matter}[/red]: {kind}: {message}",
                file=_shown(each.file) or said("pack"),
                matter=_shown(each.matter) or "-",
                kind=each.kind,
                message=_shown(each.message),
            ),
            highlight=False,
            soft_wrap=True,
        )


def _shown(text: str) -> str:
    """Text of a pack's maker, made harmless: it neither styles nor moves anything on the screen."""
    return escape(command.printable(text))
