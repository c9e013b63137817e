"""Usage errors as sentences: the option, what is wrong with its value and what may be meant, and where the options are shown.

typer's own text names the type of its error, shows the usage of the whole command, and knows one language.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.deferred_imports import deferred_imports
from cli.language import did_you_mean, said
from cli.output import err

with deferred_imports():
    from agreement import names
    from audit.packs import formats

_NONE_OF = re.compile(r"'(?P<given>.*)' is not one of (?P<choices>'.*')\.", re.DOTALL)
_NO_SUCH = re.compile(
    r"No such (?P<what>option|command):? '?(?P<given>.*?)'?\.?(?: Did you mean .*)?", re.DOTALL
)
_TOO_MANY = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", re.DOTALL)
_NO_VALUE = re.compile(r"Option '(.*)' requires an argument\.", re.DOTALL)
_CODES = "code/"


def print_usage_error(error: Any) -> None:
    """Print an error of typer (its own click's `UsageError`, which it does not export)."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    option, text = _option_of(error), _text_of(error)
    _line(f"{option}: {text}" if option else text)
    if getattr(error, "ctx", None) is not None:
        _line(said("  all options: {command} --help", command=error.ctx.command_path))


def _option_of(error: Any) -> str:
    """The option or argument at fault, as it is written; empty if none is named."""
    given = getattr(error, "param_hint", None)
    parameter = getattr(error, "param", None)
    if given or parameter is None:
        return given if isinstance(given, str) else ""
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return str(next((name for name in parameter.opts if name.startswith("--")), parameter.opts[0]))


def _text_of(error: Any) -> str:
    """The text of an error, in the chosen language where it is typer's own."""
    message = str(error.message).removeprefix("Value error, ")
    if type(error).__name__ == "MissingParameter":
        return said("is missing")
    if found := _NONE_OF.fullmatch(message):
        return none_of(found["given"], re.findall("'([^']*)'", found["choices"]))
    if found := _NO_SUCH.fullmatch(message):
        known = list(_known(error, found["what"]))
        given = found["given"]
        option, command = (
            said("there is no option {given}", given=given),
            said("there is no command {given}", given=given),
        )
        return (option if found["what"] == "option" else command) + did_you_mean(names.close_to(given, known))
    if found := _TOO_MANY.fullmatch(message):
        return said("too much is given: {given}", given=found[1])
    if found := _NO_VALUE.fullmatch(message):
        return said("{option}: its value is missing", option=found[1])
    return message


def none_of(given: str, choices: Sequence[str]) -> str:
    """Words for a value that a closed list does not have: its values, and those that may be meant, in either language."""
    meant = list(_in_other_words(given, choices)) or names.close_to(given, choices)
    every = ", ".join(each for each in choices if each)
    return said("{given} is none of: {choices}", given=given, choices=every) + did_you_mean(meant)


def _in_other_words(given: str, choices: Sequence[str]) -> Iterator[str]:
    """The choices whose texts say what was given: *sesuai* for `conforms`; a whole text before one that has such a word."""
    asked = given.casefold().replace("-", " ").replace("_", " ").strip()
    texts = {choice: list(_texts_of(choice)) for choice in choices if choice}
    whole = [choice for choice, words in texts.items() if asked in words]
    if whole or not asked:
        yield from whole
        return
    yield from (choice for choice, words in texts.items() if any(asked in text.split() for text in words))


def _texts_of(choice: str) -> Iterator[str]:
    """The texts of a code in both languages, of whatever list has it."""
    code = choice.upper().replace("-", "_")
    tables: Mapping[str, Mapping[str, Sequence[str]]] = formats.word_table().words
    for table, words in tables.items():
        if table.startswith(_CODES) and code in words:
            yield from (text.casefold() for text in words[code])


def _known(error: Any, what: str) -> Iterator[str]:
    """The options or commands that there are where one was asked for that there is not."""
    command = error.ctx.command if error.ctx is not None else None
    if command is None:
        return
    if what == "command":
        yield from command.list_commands(error.ctx)
        return
    for parameter in command.params:
        yield from (name for name in parameter.opts if name.startswith("--"))


def _line(text: str) -> None:
    err.print(text, markup=False, highlight=False, soft_wrap=True)
