"""The services of intake: which calls they have, and who may make them."""

from bawaslu.intake import commands, reads
from host.command_rows import Service
from host.front_door import READERS, WRITERS
from netral.bawaslu.v1 import intake_pb2 as pb

WRITE = Service(pb.DESCRIPTOR.services_by_name["IntakeService"], WRITERS, commands.METHODS)
READ = Service(pb.DESCRIPTOR.services_by_name["IntakeReadService"], READERS, reads.METHODS)
