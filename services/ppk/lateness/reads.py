"""Reading calls on lateness."""

from host import reads
from netral.ppk.v1 import service_pb2 as pb
from ppk.lateness import wire
from ppk.lateness.tables import NoticeRow

METHODS = (reads.shows(pb.GetNoticeRequest, NoticeRow, wire.notice, "notice"),)
