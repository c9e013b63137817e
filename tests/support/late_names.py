"""Names that resolve late: a resolver that does not know a name at first, as where the names of a network come up after its hosts."""

import socket
from typing import Any

import pytest

NAME = "late.example"


class LateName:
    """A name that nobody knows, until it is of this machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known, self.asked = False, 0
        usual = socket.getaddrinfo

        def resolve(host: Any, *more: Any, **other: Any) -> Any:
            if host not in (NAME, NAME.encode()):
                return usual(host, *more, **other)
            self.asked += 1
            if not self.known:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return usual("127.0.0.1", *more, **other)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
