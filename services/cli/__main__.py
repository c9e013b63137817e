"""`netral`: one command per thing a person does; [ro] reads, [rw] changes something."""

import sys

import typer

from cli.audit import logs
from cli.bawaslu import intake
from cli.bawaslu import matters as supervisor_desk
from cli.cooperation import (
    campaigns,
    disclosure,
    documents,
    erasure,
    indications,
    monitor,
    overseer,
    plans,
    pledges,
)
from cli.examiner import escalation, examination, succession
from cli.examiner import matters as examiner_desk
from cli.exchange import deliveries
from cli.local import demo, drill, season, up
from cli.matter import deadlines, matters
from cli.options import err, print_json
from cli.ppk import discipline, recommendations
from exchange.statements.trust import BadPartiesFile
from operations.local.client import NotRunning, Refused

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
    intake,
    supervisor_desk,
    examiner_desk,
    drill,
    examination,
    recommendations,
    overseer,
    discipline,
    disclosure,
    documents,
    erasure,
    escalation,
    campaigns,
    pledges,
    indications,
    plans,
    matters,
    succession,
    deadlines,
    deliveries,
    logs,
    monitor,
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
