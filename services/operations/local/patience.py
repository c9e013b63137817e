"""Time to wait for processes of this machine: a busy one takes longer, and is no fault."""

import os


def patience(seconds: float) -> float:
    """Stretch a wait (seconds on a quiet machine) by the processes that wait for each core, over the last minute."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
