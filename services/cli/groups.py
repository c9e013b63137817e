"""The groups of commands: for each actor and subject its help, its place in the list, and the modules that have its commands.

A module is imported when its group is asked for a command or for its help, so that no command waits for the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli import language
from cli.deferred_imports import deferred_imports
from cli.formats.choice import with_formats
from cli.terminal import completion

with deferred_imports():
    from cli.words import help_words

_ACTORS, _MATTERS = "Acts of an agency", "Matters, documents, personal data"
_PREVENTION, _FIGURES = "Prevention and supervision", "Monitoring"
_OPERATION = "Operation and audit"


@dataclass(frozen=True)
class Group:
    """A group of commands: the line that lists show of it, and its modules, whose `commands()` are shown in this order."""

    help: str
    panel: str
    modules: tuple[str, ...]


TOP_LEVEL = ("cli.local.demo", "cli.local.up", "cli.local.doctor", "cli.local.backup", "cli.todo")
"""Modules whose commands stand beside the groups."""

GROUPS: Mapping[str, Group] = {
    "bawaslu": Group(
        "Acts of the supervisor (Bawaslu).", _ACTORS, ("cli.bawaslu.matters", "cli.bawaslu.offences")
    ),
    "bawaslu intake": Group(
        "Reports, findings and first information before there is a matter.",
        "",
        (
            "cli.bawaslu.intake",
            "cli.bawaslu.supervision",
            "cli.bawaslu.study",
            "cli.bawaslu.intake_import",
            "cli.bawaslu.intake_reads",
        ),
    ),
    "examiner": Group(
        "Acts of the examiner (KASN, then BKN).",
        _ACTORS,
        (
            "cli.examiner.matters",
            "cli.examiner.examination",
            "cli.examiner.escalation",
            "cli.examiner.succession",
        ),
    ),
    "ppk": Group(
        "Acts of a personnel authority (PPK).",
        _ACTORS,
        ("cli.ppk.recommendations", "cli.ppk.discipline", "cli.ppk.silence"),
    ),
    "overseer": Group(
        "Acts of those who oversee: BKN, Kemendagri, governors.", _ACTORS, ("cli.cooperation.overseer",)
    ),
    "matter": Group(
        "Matters (perkara satu orang): one person in one case.",
        _MATTERS,
        ("cli.matter.matters", "cli.matter.watch", "cli.matter.late"),
    ),
    "catalogue": Group(
        "Codes of acts, sanctions, regions and authorities.",
        _MATTERS,
        ("cli.matter.catalogue",),
    ),
    "deadline": Group(
        "Due dates by rule, with every skipped day by name.", _MATTERS, ("cli.matter.deadlines",)
    ),
    "election": Group(
        "Elections (pemilihan): who votes when, as data.",
        _MATTERS,
        ("cli.matter.elections",),
    ),
    "office": Group(
        "Offices (kantor) of Bawaslu and BKN, as data.",
        _MATTERS,
        ("cli.matter.offices",),
    ),
    "law": Group(
        "The law as data: clause, reading and certainty of every rule.", _MATTERS, ("cli.matter.law",)
    ),
    "document": Group(
        "Documents (dokumen) of matters, kept encrypted.", _MATTERS, ("cli.cooperation.documents",)
    ),
    "disclosure": Group(
        "Data and documents on request (permintaan data).", _MATTERS, ("cli.cooperation.disclosure",)
    ),
    "erasure": Group("Erasure of personal data (penghapusan).", _MATTERS, ("cli.cooperation.erasure",)),
    "hold": Group(
        "Legal holds (penahanan penghapusan), which stop erasures.", _MATTERS, ("cli.cooperation.holds",)
    ),
    "campaign": Group(
        "Circulars and campaigns, and what became of them.", _PREVENTION, ("cli.cooperation.campaigns",)
    ),
    "satgas": Group(
        "Task forces and internal supervision teams.", _PREVENTION, ("cli.cooperation.task_forces",)
    ),
    "pledge": Group(
        "Lists of pledges (ikrar) and proofs from them.", _PREVENTION, ("cli.cooperation.pledges",)
    ),
    "indication": Group(
        "Early detection (deteksi dini) by an authority's own team.",
        _PREVENTION,
        ("cli.cooperation.indications",),
    ),
    "supervision": Group(
        "Places and acts whose cases rise against their own past.",
        _PREVENTION,
        ("cli.cooperation.early_warnings",),
    ),
    "plan": Group("Joint supervision of Bawaslu and the examiner.", _PREVENTION, ("cli.cooperation.plans",)),
    "monitor": Group(
        "Figures of follow-up (pemantauan tindak lanjut).",
        _FIGURES,
        ("cli.cooperation.monitor", "cli.cooperation.published_figures", "cli.cooperation.tables"),
    ),
    "audit": Group(
        "The trail: search it, prove it, verify it.",
        _OPERATION,
        (
            "cli.audit.search",
            "cli.audit.history",
            "cli.audit.logs",
            "cli.audit.packs",
            "cli.audit.reconcile",
            "cli.audit.witnesses",
            "cli.audit.recompute",
            "cli.audit.retention",
            "cli.audit.fsck",
        ),
    ),
    "exchange": Group(
        "Statements on their way, and statements that were parked.", _OPERATION, ("cli.exchange.deliveries",)
    ),
    "keys": Group("Keys and the parties file of a development world.", _OPERATION, ("cli.local.keys",)),
    "contracts": Group("The contracts, for clients in any language.", _OPERATION, ("cli.local.contracts",)),
    "local": Group(
        "A world on this machine: start, stop, demo, season, drills.",
        _OPERATION,
        ("cli.local.up", "cli.local.doctor", "cli.local.demo", "cli.local.season", "cli.local.drill"),
    ),
}


class _Command(TyperCommand):
    """A command, whose help is in the session's language."""

    def get_help(self, ctx: Any) -> str:
        _choose_words(ctx)
        return super().get_help(ctx)


class _CommandGroup(TyperGroup):
    """A group, which has its commands only when it is asked for one or for their list."""

    def __init__(self, path: str = "", **attributes: Any) -> None:
        super().__init__(**attributes)
        self._path = path

    def get_help(self, ctx: Any) -> str:
        _choose_words(ctx)
        return super().get_help(ctx)

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` of a group, with a default: typer imports pydantic to convert a value that is not there."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def list_commands(self, ctx: Any) -> list[str]:
        if not self.commands:
            self.commands = commands_of(self._path)
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        path = f"{self._path} {cmd_name}".strip()
        if path in GROUPS:
            return _group(path)
        self.list_commands(ctx)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands with their first sentences, and below them the groups under their headings."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in commands.items():
            heading = command.rich_help_panel or "Commands"
            sections.setdefault(heading, []).append((name, help_words.line_of(command)))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def _choose_words(context: Any) -> None:
    if language.chosen() == "id":
        context.formatter_class = help_words.in_session(context.formatter_class)


def commands_of(path: str) -> dict[str, Any]:
    """The commands and groups of a group, by name; those of the whole command for an empty path.

    This imports the modules of the group.
    """
    app = typer.Typer(rich_markup_mode=None)
    for module in GROUPS[path].modules if path else TOP_LEVEL:
        for name, command in import_module(module).commands().items():
            app.command(name, cls=_Command)(with_formats(f"{path} {name}".strip(), command))
    found: dict[str, Any] = dict(typer.main.get_group(app).commands)
    if completion.is_asked():
        for command in found.values():
            completion.add_completion(command)
    below = path.split()
    return found | {name.split()[-1]: _group(name) for name in GROUPS if name.split()[:-1] == below}


def _group(path: str) -> _CommandGroup:
    group = GROUPS[path]
    return _CommandGroup(
        path,
        name=path.split()[-1],
        help=group.help,
        rich_help_panel=group.panel or None,
        rich_markup_mode=None,
        no_args_is_help=True,
    )


def whole_command() -> Any:
    """The `netral` command with its groups, and with the options that install its completion in a shell."""
    app = typer.Typer(
        name="netral",
        cls=_CommandGroup,
        help="Netral: recommendations between Bawaslu, the examiner (KASN, BKN) and PPK, with a follow-up trail.\n\n"
        "[ro] marks a command that only reads, [rw] one that changes something.\n\n"
        "--lang id or --lang en, before or behind any command, chooses the language of what it says; so does "
        "NETRAL_LANG.\n\n"
        "Exit codes: 0 ok, 1 refused or found something, 2 usage.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    command: Any = typer.main.get_command(app)
    # Those of completion: without a default, typer imports pydantic to convert what is not there.
    for option in command.params[-2:]:
        option.default = False
    return command


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"netral {version('netral')}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version, and exit."
        ),
    ] = False,
) -> None:
    """Options of the whole command. Its help is that of the group."""
