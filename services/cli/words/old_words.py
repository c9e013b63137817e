"""Words of commands and of their options that have another name now: the old ones are taken for good, and no help shows them.

One word means one thing: what is completed is named, *to be completed* is not *complete*, and of proofs only a log's are verified.
"""

from collections.abc import Mapping, Sequence

COMMANDS: Mapping[str, str] = {
    "bawaslu complete": "bawaslu complete-referral",
    "bawaslu intake complete": "bawaslu intake complete-report",
    "pledge verify": "pledge check-proof",
}
VALUES: Mapping[tuple[str, str, str], str] = {
    ("bawaslu intake assess", "--category", "complete"): "to-be-completed",
}
"""Command, option, old value → the value of now."""


def renewed(words: Sequence[str]) -> list[str]:
    """A command line in the words of now."""
    line = list(words)
    for old, new in COMMANDS.items():
        before = old.split()
        if line[: len(before)] == before:
            line[: len(before)] = new.split()
    for (command, option, old), new in VALUES.items():
        if line[: len(command.split())] == command.split():
            line = [f"{option}={new}" if word == f"{option}={old}" else word for word in line]
            line = [
                new if (word, before) == (old, option) else word
                for before, word in zip(["", *line], line, strict=False)
            ]
    return line
