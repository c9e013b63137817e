"""Documents of a matter: attached in a stream that goes on after a broken link, listed, and got back."""

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.matter.matters import Purpose
from cli.options import CommandContext, Commands, code_of, desk_command, enum_of
from cli.output import as_dict, clock, err, out, print_json, table_of
from storage.files import whole_file

with deferred_imports():
    from rich import progress as rich_progress

    from agreement.information import disclosure as disclosure_rules
    from netral.disclosure.v1 import service_pb2 as pb
    from netral.disclosure.v1 import service_pb2_grpc as stubs
    from netral.exchange.v1 import person_pb2
    from operations.local import client

_PIECE = 256 * 1024
_TRIES, _PAUSE_SECONDS = 5, 1.0

Kind = Annotated[str, typer.Option(help=f"One of {agreement_words.DOCUMENT_KINDS}.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "add": add,
        "ls": ls,
        "get": get,
    }


@desk_command(writes=True)
def add(
    context: CommandContext,
    matter: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file.")],
    kind: Kind = "evidence",
    media_type: Annotated[str, typer.Option(help="Media type; by the file's suffix if left out.")] = "",
) -> None:
    """[rw] Add a document to a matter. A broken link is taken up again where it broke.

    Example: netral document add 0199… foto.jpg --as bawaslu --kind evidence
    """
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    header = pb.UploadHeader(
        name=context.matter(matter),
        kind=code_of(kind),
        size=file.stat().st_size,
        media_type=media_type or _media_type(file),
        digest=digest,
        file_name=file.name,
        request_id=context.new_request_id(),
    )
    name = f"{header.name}/documents/{digest.hex()}"
    for attempt in range(1, _TRIES + 1):
        upload = context.ask(stubs.DisclosureReadServiceStub, "GetUpload", pb.GetUploadRequest(name=name))
        header.offset = 0 if upload.complete else upload.offset
        try:
            done = context.desks.send(
                stubs.DocumentServiceStub, "UploadDocument", _stream(header, file), context.caller()
            )
        except client.Refused as error:
            if error.code != "UNAVAILABLE" or attempt == _TRIES:
                raise
            err.print(said("broken off: {message}; going on", message=error.message))
            time.sleep(_PAUSE_SECONDS)
            continue
        context.show_act(done)
        return


def _stream(header: "pb.UploadHeader", file: Path) -> "Iterator[pb.UploadDocumentRequest]":
    yield pb.UploadDocumentRequest(header=header)
    with (
        file.open("rb") as content,
        rich_progress.Progress(console=err, transient=True, disable=not err.is_terminal) as progress,
    ):
        task = progress.add_task(file.name, total=header.size, completed=header.offset)
        content.seek(header.offset)
        while piece := content.read(_PIECE):
            yield pb.UploadDocumentRequest(data=piece)
            progress.advance(task, len(piece))


def _media_type(file: Path) -> str:
    suffix = file.suffix.lower()
    found = [each.type for each in disclosure_rules.media_types().values() if suffix in each.suffixes]
    if not found:
        taken = ", ".join(
            suffix for each in disclosure_rules.media_types().values() for suffix in each.suffixes
        )
        raise typer.BadParameter(
            said("{suffix}: taken are {taken}", suffix=suffix or said("no suffix"), taken=taken),
            param_hint="FILE",
        )
    return found[0]


@desk_command()
def ls(
    context: CommandContext,
    matter: Annotated[str, typer.Option(help="Only those of this matter.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the documents of a party. Names of files are personal: see `netral matter file`.

    Example: netral document ls --as bawaslu --matter 0199…
    """
    request = pb.ListDocumentsRequest(parent=context.parent, page_size=min(limit, 1000), matter_id=matter)
    pages = context.desks.pages(stubs.DisclosureReadServiceStub, "ListDocuments", request, context.caller())
    found = list(islice((one for page in pages for one in page.documents), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("matter", "SHA-256", "kind", "type", "bytes", "attached (WIB)", "out of disclosure")
    for one in found:
        words = one.name.split("/")
        table.add_row(
            words[3],
            one.digest.hex(),
            one.kind,
            one.media_type,
            one.size,
            clock(one.create_time),
            one.disclosure.rpartition("/")[2],
        )
    out.print(table)


@desk_command(writes=True)
def get(
    context: CommandContext,
    matter: str,
    digest: Annotated[str, typer.Argument(help="SHA-256 of the document, hexadecimal.")],
    purpose: Purpose,
    to: Annotated[Path, typer.Option("--file", "--to", help="File to write; - for standard output.")],
) -> None:
    """[rw] Read the content of a document. The reading is recorded first, and the SHA-256 checked.

    Example: netral document get 0199… 9f86… --as kasn --purpose handling --file bukti.jpg
    """
    request = pb.DownloadDocumentRequest(
        name=f"{context.matter(matter)}/documents/{digest}",
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
        request_id=context.request_id or str(uuid4()),
    )
    found = hashlib.sha256()
    with nullcontext(sys.stdout.buffer) if str(to) == "-" else whole_file(to) as target:
        for chunk in context.desks.stream(
            stubs.DocumentServiceStub, "DownloadDocument", request, context.caller()
        ):
            found.update(chunk.data)
            target.write(chunk.data)
        target.flush()
        if found.hexdigest() != digest:
            err.print(said("the content has another SHA-256"), markup=False)
            raise typer.Exit(1)
    if context.as_json and str(to) != "-":
        print_json({"file": str(to), "digest": digest})
