"""`netral`: one command per thing a person does; [ro] reads, [rw] changes something."""

import typer

from cli import up

app = typer.Typer(
    name="netral",
    help="Netral: recommendations between Bawaslu, the examiner (KASN/BKN) and PPK, with a follow-up trail.\n\n"
    "Exit codes: 0 ok, 1 refused or found something, 2 usage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
up.add_to(app)


def main() -> None:
    """Entry point of the `netral` command."""
    app()


if __name__ == "__main__":
    main()
