"""`netral contracts export`: the contracts as files, for clients in any language."""

from pathlib import Path

from cli import language
from cli.deferred_imports import deferred_imports
from cli.options import Commands, JsonOption
from cli.output import out, print_json

with deferred_imports():
    from operations.contracts import export as contracts


def commands() -> Commands:
    """The commands of this module by name."""
    return {"export": export}


def export(folder: Path, as_json: JsonOption = False) -> None:
    """[rw] Write a folder with all that protoc or buf needs: our contracts, and what they import.

    The folder is made; files of these names in it are replaced. Then: protoc -I FOLDER …

    Example: netral contracts export contracts
    """
    written = contracts.export(folder)
    if as_json:
        print_json({"folder": str(folder), "files": written})
        return
    out.print(
        language.said(
            "{count} files in {folder}. A client: protoc -I {folder} …", count=len(written), folder=folder
        )
    )
