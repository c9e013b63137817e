"""Verifies an evidence pack with this one file, Python 3.11 and `cryptography`: no network, no service, nothing of Netral.

    python3 verify_standalone.py pack.zip --parties parties.json [--policy policy.txt …] [--json]

Keys and policy come from outside, never from the pack: the parties file as it was handed out to the parties, and a
C2SP tlog-policy that says which logs and witnesses count; every policy that has a log must be met for it. With policies alone
their log keys stand for the parties, without their periods. Exit code 0: sound; 1: something is wrong, each finding names file
and matter; 2: it could not be tried.

Checked are: the archive is the one that its files give, the files are those of the format, each file has the digest that the
signed manifest states, each log's checkpoint is signed by the log with a key valid then and cosigned as the policy wants, each
leaf is in the tree of that checkpoint (RFC 6962), each statement and receipt is signed by its author with a key valid then
(DSSE), receipts fit their statements, of each matter no leaf was left out, and what one log proves to be in another is there.
This is a second implementation on purpose: `audit.packs.verify` is the first, and they must agree. Timeline and PROV are for
reading; that they say what the leaves say, the project's own `netral audit verify` checks by making them again.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from verifier.packs import Result, verify
from verifier.parts import few_of
from verifier.strict import Bad, Json
from verifier.trust import load_trust


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a pack named on the command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Verify an evidence pack with keys and policy from outside.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--parties", type=Path, help="the parties file to trust")
    parser.add_argument(
        "--policy",
        type=Path,
        action="append",
        default=[],
        help="a tlog-policy to trust; one for each log, or for all",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    try:
        trust = load_trust(
            given.parties.read_bytes() if given.parties else None,
            *(path.read_bytes() for path in given.policy),
        )
        result = verify(given.pack.read_bytes(), trust)
    except (OSError, Bad) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(as_json(result), indent=2) if given.json else as_text(result))
    return 1 if result.findings else 0


def as_json(result: Result) -> dict[str, Json]:
    """Give a result as plain data."""
    logs: list[Json] = [
        {
            "party": part.party,
            "size": part.head.size if part.head else 0,
            "leaves": len(part.leaves),
            "cosigned": list(part.cosigned),
        }
        for part in result.parts
    ]
    findings: list[Json] = [finding._asdict() for finding in result.findings]
    return {
        "sha256": result.digest,
        "maker": result.maker,
        "scope": result.scope,
        "logs": logs,
        "findings": findings,
    }


def as_text(result: Result) -> str:
    """Give a result in lines for people."""
    lines: list[str] = []
    for part in result.parts:
        size = part.head.size if part.head else 0
        cosigned = f", cosigned by {few_of(part.cosigned)}" if part.cosigned else ""
        lines.append(f"{part.party}: {len(part.leaves)} leaves of the tree of size {size}{cosigned}")
    for finding in result.findings:
        lines.append(f"{finding.file}, matter {finding.matter or '-'}: {finding.kind}: {finding.message}")
    verdict = "NOT SOUND" if result.findings else "sound"
    lines.append(f"{verdict}: made by {result.maker or '-'}, SHA-256 {result.digest}")
    return "\n".join(map(printable, lines))


def printable(text: str) -> str:
    """Write out what could deceive on a screen: a pack is made by somebody else."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
