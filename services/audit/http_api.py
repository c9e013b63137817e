"""The trail over HTTP, for tools that nobody here wrote: tlog-tiles of the host's logs, and its witnesses (tlog-witness).

    GET  /netral/<party>/checkpoint                         the newest published checkpoint with its cosignatures
    GET  /netral/<party>/tile/<level>/<number>[.p/<width>]  hashes; they name nobody and are open to whoever reaches this host
    POST /witness/<party>/add-checkpoint                    asks the party's witness to cosign
    GET  /witness/<party>/<hex sha256 of an origin>/checkpoint

Entries are not served here: a bundle holds statements of many parties, and HTTP callers do not prove who they are. Who is
entitled gets them by gRPC (`AuditService.ExportLog`), and `netral audit export --tiles` writes the bundles.
"""

from collections.abc import Collection
from datetime import timedelta

from aiohttp import web
from aiohttp.web import Request, Response

from audit.formats import tiles
from audit.formats.tlog import HASH_SIZE, TileId
from audit.log import hash_tiles
from audit.log.reads import NoSuchLog
from audit.witnessing import kept_cosignatures
from audit.witnessing.rules import MAX_REQUEST_BYTES
from audit.witnessing.store import Witnesses
from storage.protocols import Database

_PLAIN = "text/plain; charset=utf-8"
_FOR_EVER = f"public, max-age={int(timedelta(days=365).total_seconds())}, immutable"
_NO_LONGER = "public, max-age=2"


def application(database: Database, parties: Collection[str], witnesses: Witnesses) -> web.Application:
    """The application for the logs of `parties` and the host's witnesses."""
    serving = _Serving(database, frozenset(parties), witnesses)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.add_routes(
        [
            web.get("/netral/{party}/checkpoint", serving.checkpoint),
            web.get("/netral/{party}/{path:tile/.+}", serving.tile),
            web.post("/witness/{party}/add-checkpoint", serving.add_checkpoint),
            web.get("/witness/{party}/{origin:[0-9a-f]{64}}/checkpoint", serving.cosigned),
        ]
    )
    return app


class _Serving:
    def __init__(self, database: Database, parties: frozenset[str], witnesses: Witnesses) -> None:
        self._database = database
        self._parties = parties
        self._witnesses = witnesses

    async def checkpoint(self, request: Request) -> Response:
        party = self._party(request)
        try:
            async with self._database.read() as connection:
                text = await kept_cosignatures.published_note(connection, party)
        except NoSuchLog:
            raise web.HTTPNotFound(text="this log has no checkpoint yet\n") from None
        return _text(200, text, _PLAIN, {"Cache-Control": _NO_LONGER})

    async def tile(self, request: Request) -> Response:
        party = self._party(request)
        wanted = tiles.parse(request.match_info["path"])
        if wanted is None:
            raise web.HTTPNotFound(text="there is no such tile\n")
        if wanted.level == tiles.ENTRIES:
            raise web.HTTPForbidden(
                text="entries are given to the parties of a statement and to auditors, by gRPC\n"
            )
        id_ = TileId(wanted.level, wanted.number)
        async with self._database.read() as connection:
            found = (await hash_tiles.tiles_of(connection, {party: [id_]}))[party].get(id_, b"")
        content = found[: wanted.width * HASH_SIZE]
        if len(content) != wanted.width * HASH_SIZE:
            raise web.HTTPNotFound(text="the log has not grown that far\n")
        headers = {"Cache-Control": _FOR_EVER}
        return Response(body=content, content_type="application/octet-stream", headers=headers)

    async def add_checkpoint(self, request: Request) -> Response:
        answer = await self._witnesses.add_checkpoint(request.match_info["party"], await request.read())
        return _text(answer.status, answer.body, answer.content_type)

    async def cosigned(self, request: Request) -> Response:
        text = await self._witnesses.newest(request.match_info["party"], request.match_info["origin"])
        if text is None:
            raise web.HTTPNotFound(text="this witness has cosigned nothing of such a log\n")
        return _text(200, text, _PLAIN, {"Cache-Control": _NO_LONGER})

    def _party(self, request: Request) -> str:
        party = request.match_info["party"]
        if party not in self._parties:
            raise web.HTTPNotFound(text="this host keeps no log of that institution\n")
        return party


def _text(status: int, text: str, content_type: str, headers: dict[str, str] | None = None) -> Response:
    whole = {"Content-Type": content_type, **(headers or {})}
    return Response(status=status, body=text.encode(), headers=whole)
