"""Output of commands: texts that others wrote."""

from rich.console import Console

from cli.output import facts_table, table_of

HOSTILE = (
    "[red]Kepala[/red] [/] :smile: \x1b]0;owned\x07\x1b[2J\x9b31m\ryes\u202eoN\nsecond line\xa0and tab\tend"
)


def test_what_others_wrote_is_shown_letter_by_letter_and_does_not_steer_the_terminal() -> None:
    facts, listed = facts_table(), table_of("text")
    facts.add_row("text", HOSTILE)
    listed.add_row(HOSTILE)
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as printed:
        console.print(facts)
        console.print(listed)

    shown = printed.get()
    assert (
        shown.count("[red]Kepala[/red] [/] :smile: \ufffd]0;owned\ufffd\ufffd[2J\ufffd31m\ufffdyes\ufffdoN")
        == 2
    )
    assert shown.count("second line\xa0and tab") == 2
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(shown.replace("\x1b[1m", "").replace("\x1b[0m", ""))
