"""Elections on the command line: a kind, or the election itself, whose kind decides clocks, requirements and number forms."""

from datetime import date
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import refusal_text, said

with deferred_imports():
    import refusals
    from agreement.elections import known, rules

ElectionKind = Annotated[
    str, typer.Option(help="pemilu, pilkada, or an election such as PILKADA-2024: `netral election ls`.")
]


def kind_of(word: str) -> str:
    """The kind of election, PEMILU or PILKADA, that a word names: itself, or an election of that kind."""
    if word.upper() in ("PEMILU", "PILKADA"):
        return word.upper()
    try:
        return known.election(word.upper()).kind
    except refusals.Refusal as refusal:
        raise typer.BadParameter(refusal_text(refusal), param_hint="--election") from None


def derived(region: str, day: date | None, number: str) -> dict[str, str]:
    """Words for the derived facts of a case: its election, and the stage of the joint decree on the day of its act; empty: nothing."""
    if not region or day is None:
        return {}
    try:
        found = rules.of_case(region, day, number)
    except refusals.Refusal:
        return {}
    if found.election is None:
        return {}
    told = {said("election (derived)"): f"{found.id}: {found.election.title}"}
    stage = rules.stage_of(found.election, day, region=region)
    if stage:
        note = f"; {stage.note}" if stage.note else ""
        fixed = said(
            "candidates fixed {fixed}, {certainty}{note}",
            fixed=stage.fixed,
            certainty=said(stage.certainty),
            note=note,
        )
        told[said("stage of the act (derived)")] = f"{stage.stage} ({fixed})"
    return told
