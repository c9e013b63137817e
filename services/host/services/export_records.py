"""Records and signatures for the trail's exports, made for the caller of the current call. See `audit.packs.export.ExportRecorder`."""

from google.protobuf.message import Message

from audit.formats import dsse
from audit.packs.export import ExportRecorder
from audit.packs.view import Signer
from exchange.context import HostContext
from exchange.delivery.batch import Batch
from exchange.delivery.commands import Command, Commands, answered, earlier_answer
from exchange.delivery.transaction import Transaction
from exchange.statements.public_keys import author_keys
from host import desk_requests, front_door
from host.worker_processes.pool import WorkerPool
from netral.audit.v1 import events_pb2
from netral.audit.v1 import service_pb2 as audit_pb2
from netral.exchange.v1 import record_pb2


def export_recorder(desk: HostContext, commands: Commands, workers: WorkerPool) -> ExportRecorder:
    """The recorder of a host; records are of the caller of the current call, and packs are made by its workers."""

    async def record(
        party: str,
        action: str,
        matter: str,
        case_id: str,
        facts: events_pb2.Exported,
        request: audit_pb2.ExportPackRequest | None,
    ) -> record_pb2.Record:
        def handler(tx: Transaction) -> record_pb2.Record:
            return tx.record(action, matter, case_id, "", facts, statements=())

        if request is not None:
            return await commands.run(desk_requests.command(request, party, handler=handler))
        actor, content = front_door.caller().actor, facts.SerializeToString(deterministic=True)
        return await commands.run(Command(party, actor, desk.new_id(), content, (), handler))

    async def earlier(party: str, request: Message) -> record_pb2.Record | None:
        command = desk_requests.command(request, party)
        async with desk.database.read() as connection:
            known = await answered(Batch(desk, connection), [command])
        return earlier_answer(desk, command, known)

    def signer(party: str) -> Signer:
        keys = desk.keys[party]
        return Signer(keys.keyid, lambda type, payload: keys.signing.sign(dsse.pae(type, payload)))

    return ExportRecorder(
        record,
        earlier,
        signer,
        desk.settings.parties_file.read_bytes,
        lambda: author_keys(desk.trust),
        workers.run,
    )
