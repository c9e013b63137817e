"""`netral`: one command for each act of a person; [ro] reads, [rw] changes something."""

import os
import sys
from pathlib import Path

from cli.deferred_imports import deferred_imports
from cli.groups import whole_command
from cli.output import err, print_json

with deferred_imports():
    from agreement import data_files
    from agreement.elections import files as elections
    from exchange.statements import trust
    from operations.local import client


def main() -> None:
    """Entry point of the `netral` command: a refusal is printed in words, with exit code 1."""
    try:
        if folder := os.environ.get("NETRAL_ELECTIONS_FOLDER"):
            elections.add_folder(Path(folder))
        whole_command()(prog_name="netral")
    except Exception as error:
        if isinstance(error, client.Refused):
            print_refusal(error)
        elif isinstance(error, client.NotRunning | trust.BadPartiesFile | data_files.BrokenData):
            err.print(str(error), markup=False, highlight=False)
            if isinstance(error.__cause__, FileNotFoundError):
                _name_what_is_missing()
        elif isinstance(error, OSError) and error.filename and error.strerror:
            err.print(f"{error.filename}: {error.strerror}", markup=False, highlight=False)
        else:
            raise
        sys.exit(1)


def _name_what_is_missing() -> None:
    """Say how to name the parties file that is not where it was looked for."""
    err.print(
        "--parties names the file of public keys to trust, --state or NETRAL_STATE the folder of an installation",
        markup=False,
        highlight=False,
    )


def print_refusal(refusal: "client.Refused") -> None:
    """Print what a desk refused, for people, and as JSON if the command was asked for it."""
    if "--json" in sys.argv:
        print_json(
            {
                "error": {
                    "code": refusal.code,
                    "reason": refusal.reason,
                    "message": refusal.message,
                    "fields": refusal.fields,
                }
            }
        )
    reason = f" ({refusal.reason})" if refusal.reason else ""
    err.print(f"refused: {refusal.code}{reason}: {refusal.message}", markup=False, highlight=False)
    for field, description in refusal.fields.items():
        more = "" if description in refusal.message else f": {description}"
        err.print(f"  field {field}{more}", markup=False, highlight=False)
    if refusal.reason == "REASON_NEEDED":
        err.print("  if you do it all the same, say why with --stated-reason", markup=False, highlight=False)


if __name__ == "__main__":
    main()
