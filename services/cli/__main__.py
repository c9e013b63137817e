"""`netral`: one command for each act of a person; [ro] reads, [rw] changes something."""

import errno
import os
import sys
from pathlib import Path

from typer.exceptions import Abort, TyperException

from cli import language, usage_errors
from cli.deferred_imports import deferred_imports
from cli.groups import whole_command
from cli.language import in_session, said, why
from cli.output import drop_output, err, finish_output
from cli.refusal_output import print_refusal
from cli.words.old_words import renewed

with deferred_imports():
    from agreement import data_files
    from agreement.elections import files as elections
    from agreement.parties import office_files
    from exchange.statements import trust
    from operations.local import client


_NOT_WRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""The disk is full, or broken: what a command prints into a file is not whole."""


def main() -> None:
    """Entry point of the `netral` command: a refusal is printed in words, with exit code 1."""
    try:
        if folder := os.environ.get("NETRAL_ELECTIONS_FOLDER"):
            elections.add_folder(Path(folder))
        if file := os.environ.get("NETRAL_OFFICES_FILE"):
            office_files.add_file(Path(file))
        try:
            code = whole_command()(
                renewed(language.take(sys.argv[1:])), prog_name="netral", standalone_mode=False
            )
        finally:
            finish_output()
        sys.exit(code if isinstance(code, int) else 0)
    except BrokenPipeError:  # who reads has enough
        drop_output()
        sys.exit(1)
    except Exception as error:
        if isinstance(error, TyperException):
            usage_errors.print_usage_error(error)
            sys.exit(error.exit_code)
        if isinstance(error, Abort):
            err.print(said("Aborted."))
        elif isinstance(error, client.Refused):
            print_refusal(error)
        elif isinstance(error, client.NotRunning | trust.BadPartiesFile | data_files.BrokenData):
            told = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
            err.print(in_session(told), markup=False, highlight=False)
            if isinstance(error.__cause__, FileNotFoundError):
                _name_what_is_missing()
        elif isinstance(error, OSError) and error.filename and error.strerror:
            err.print(f"{error.filename}: {why(error)}", markup=False, highlight=False)
        elif isinstance(error, OSError) and error.errno in _NOT_WRITTEN:
            drop_output()
            err.print(
                said("the output cannot be written: {strerror}", strerror=why(error)),
                markup=False,
                highlight=False,
            )
        else:
            raise
        sys.exit(1)


def _name_what_is_missing() -> None:
    """Say how to name the parties file that is not where it was looked for."""
    err.print(
        said(
            "--parties names the file of public keys to trust, --state or NETRAL_STATE the folder of an installation"
        ),
        markup=False,
        highlight=False,
    )


if __name__ == "__main__":
    main()
