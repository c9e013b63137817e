"""Estimate of a national election year out of what was measured: CPU, the busiest hour, the disk.

Each number of the year has its source beside it; what is assumed says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PERSONS = 2_007
"""Persons reported in the local elections of 2020 by December 2021 (jatengtoday.com, see `services/operations/season/figures.toml`);
a national year is 400 to 2,000."""
RECOMMENDATIONS = 1_588
"""Of these, recommended on: the same source."""
REPORTS = 239 + 1_045
"""Findings and reports of all kinds in the local elections of 2024 by 30 October, Bawaslu; half of the reports are not registered."""
CALLS_A_CASE = 17_564 / 2_000
"""Commands of three hosts for a case: `netral local season --cases 2000 --seed 1`, which plays 2020's outcomes."""
CALLS_A_REPORT = 3
"""Assumed: taken in, studied, concluded."""
ADDRESSEES = 546
"""A circular goes to every regional authority, and each answers it (assumed: once)."""
SERVANTS, PLEDGES_A_SECOND = 4_734_041, 100_000
"""Civil servants in 2024 (BKN), all of whom sign a pledge; a million are imported in 10 s (`bench.pledges`, 26 November 2026)."""
CASES_AT_PEAK = 50
"""Assumed: so many cases within one hour. The busiest days have some tens of cases."""
CORES_OF_DATABASE = 4
"""Assumed of eight cores: three are the hosts', one is that of NATS, and PostgreSQL's sessions spread over the others."""


@dataclass(frozen=True)
class Measured:
    """Figures of one database: CPU milliseconds of one statement by process, both sides together; statements a second of 8 callers on this
    machine; bytes of a matter at the supervisor's desk, its leaves at the examiner's.
    """

    kind: str
    matters: int
    cpu: Mapping[str, float]
    rate: float
    bytes: float
    leaves: float

    @classmethod
    def of(cls, kind: str, figures: Mapping[str, float]) -> "Measured":
        """The figures of the most matters that were measured (`bench.growth.measure`)."""
        matters = max(
            int(name.split()[0].replace(",", "")) for name in figures if name.endswith(" matters, leaves")
        )
        named = f"{matters:,} matters, "
        cpu_named = f"{named}CPU ms a statement, "
        return cls(
            kind,
            matters,
            {
                name.removeprefix(cpu_named): value
                for name, value in figures.items()
                if name.startswith(cpu_named)
            },
            figures[f"{named}8 callers"],
            figures[f"{named}bytes a matter"],
            figures[f"{named}leaves of an uncut one"],
        )

    def on_eight_cores(self) -> float:
        """Statements a second if CPU is all that they wait for: each host has one core, PostgreSQL has those that are left."""
        cores = {"postgresql": CORES_OF_DATABASE}
        return min(1000 * cores.get(name, 1) / used for name, used in self.cpu.items() if used)


def estimate(measured: Measured) -> list[str]:
    """The cost of a year, in sentences."""
    commands = PERSONS * CALLS_A_CASE + REPORTS * CALLS_A_REPORT + 2 * ADDRESSEES
    together = sum(measured.cpu.values())
    hours = (commands * together / 1000 + SERVANTS / PLEDGES_A_SECOND) / 3600
    busiest = CASES_AT_PEAK * CALLS_A_CASE / 3600
    leaves = PERSONS * measured.leaves
    found = [
        f"A national election year on {measured.kind}, measured with {measured.matters:,} matters there:",
        f"  {PERSONS:,} persons, {RECOMMENDATIONS:,} recommendations, {REPORTS:,} reports, a circular to {ADDRESSEES} authorities:"
        f" {commands:,.0f} commands, each taken for one statement with its exchange and receipts",
        f"  {together:.1f} ms of CPU each ({', '.join(f'{name} {used:.1f}' for name, used in measured.cpu.items())}),"
        f" and {SERVANTS / 1e6:.1f} million pledges: {hours:.2f} hours of one core in the year",
        f"  {CASES_AT_PEAK} cases within one hour are {busiest:.2f} commands a second,"
        f" {100 * busiest / measured.rate:.1f} % of what 8 callers reach on this machine ({measured.rate:.0f}/s)",
        f"  {leaves:,.0f} leaves a year at the examiner's desk, and {PERSONS * measured.bytes / 1e6:,.0f} MB or somewhat more;"
        f" ten million leaves after {1e7 / leaves:,.0f} such years",
    ]
    if measured.kind == "postgresql":
        rate = measured.on_eight_cores()
        found.append(
            f"  with eight cores (each host one, PostgreSQL {CORES_OF_DATABASE}, no wait for disks): {rate:.0f}/s,"
            f" of which that hour takes {100 * busiest / rate:.2f} %; the year's commands in {commands / rate / 60:.1f} minutes"
        )
    return found
