"""Findings of a look at an installation, and their sentences in Indonesian and English."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or (not `grave`) worth knowing. `values` fill its sentence; no personal values."""

    code: str
    values: Mapping[str, str]
    grave: bool = True

    def sentence(self, language: str) -> str:
        """One sentence that says what is wrong and what to do; `language` is `id` or `en`."""
        return sentences()[self.code][language].format_map(self.values)


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """The sentences by code and language."""
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(
        resources.files("operations.doctor").joinpath("sentences.toml").read_text("utf-8")
    )
    return found
