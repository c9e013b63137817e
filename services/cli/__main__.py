"""`netral`: one command per thing a person does; [ro] reads, [rw] changes something."""

import sys

import typer

from cli import (
    audit_commands,
    authority_desk,
    campaign_desk,
    cases,
    deadline_commands,
    demo,
    discipline_desk,
    disclosure_desk,
    document_desk,
    drill,
    erasure_desk,
    examination,
    examiner_desk,
    exchange_commands,
    handover_commands,
    indication_desk,
    intake_desk,
    lateness,
    monitor_commands,
    oversight_desk,
    plan_desk,
    pledge_desk,
    season,
    supervisor_desk,
    up,
)
from cli.client import NotRunning, Refused
from cli.door import err, print_json
from exchange.trust import BadPartiesFile

app = typer.Typer(
    name="netral",
    help="Netral: recommendations between Bawaslu, the examiner (KASN, BKN) and PPK, with a follow-up trail.\n\n"
    "Exit codes: 0 ok, 1 refused or found something, 2 usage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
for part in (
    demo,
    up,
    intake_desk,
    supervisor_desk,
    examiner_desk,
    drill,
    examination,
    authority_desk,
    oversight_desk,
    discipline_desk,
    disclosure_desk,
    document_desk,
    erasure_desk,
    lateness,
    campaign_desk,
    pledge_desk,
    indication_desk,
    plan_desk,
    cases,
    handover_commands,
    deadline_commands,
    exchange_commands,
    audit_commands,
    monitor_commands,
    season,
):
    part.add_to(app)


def main() -> None:
    """Entry point of the `netral` command: what is refused is said in words, with exit code 1."""
    try:
        app()
    except Refused as error:
        _say_refused(error)
    except (NotRunning, BadPartiesFile) as error:
        err.print(str(error), markup=False, highlight=False)
    else:
        return
    sys.exit(1)


def _say_refused(error: Refused) -> None:
    if "--json" in sys.argv:
        print_json(
            {
                "error": {
                    "code": error.code,
                    "reason": error.reason,
                    "message": error.message,
                    "fields": error.fields,
                }
            }
        )
    reason = f" ({error.reason})" if error.reason else ""
    err.print(f"refused: {error.code}{reason}: {error.message}", markup=False, highlight=False)
    for field, description in error.fields.items():
        more = "" if description in error.message else f": {description}"
        err.print(f"  field {field}{more}", markup=False, highlight=False)


if __name__ == "__main__":
    main()
