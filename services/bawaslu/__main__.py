"""The supervisor's host: `python -m bawaslu`. Settings come from the environment (`exchange.settings`)."""

import asyncio

from host import lean_imports  # noqa: F401

# isort: split
from bawaslu import feature as bawaslu
from bawaslu.intake.tables import intakes_of
from cooperation.disclosure import feature as disclosure
from cooperation.disclosure.documents import store as documents
from cooperation.erasure import feature as erasure
from cooperation.monitoring import feature as monitoring
from cooperation.prevention import feature as prevention
from cooperation.supervision import feature as supervision
from host.features import Host

HOST = Host(
    "bawaslu",
    [
        bawaslu.FEATURE,
        monitoring.feature("supervisor", other="examiner"),
        prevention.sender("supervisor"),
        supervision.plans("supervisor", other="examiner"),
        disclosure.feature(bawaslu.FEATURE.matters),
        erasure.feature(bawaslu.FEATURE.retained, documents.remove, origins=intakes_of),
    ],
)
main = HOST.serve


if __name__ == "__main__":
    asyncio.run(main())
