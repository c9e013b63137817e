"""A host's settings: environment variables, read once into a frozen object. Every default is usable and safe."""

from pathlib import Path

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from exchange import addresses


class Settings(BaseSettings):
    """`NETRAL_…` variables. Paths are files of the host; secrets are files too, never values."""

    model_config = SettingsConfigDict(env_prefix="NETRAL_", frozen=True)

    # The trust root, the same for all parties.
    parties_file: Path = Path("parties.json")
    # `<party>.pem` for each party served here, and `storage.key`. Who has its keys here is served here.
    keys_folder: Path = Path("keys")
    # SQLAlchemy asyncio URLs; the vault (data keys) is a database of its own, with backups of its own.
    database_url: str = "sqlite:///desk.sqlite"
    vault_url: str = "sqlite:///vault.sqlite"
    # The wrapping keys of the vault, replaced after an erasure (`exchange.personal_data.wrapping_keys`); must be writable, is made if missing, and
    # has a backup of its own of which only the newest is kept. None: `vault.key` in the keys folder.
    vault_keys_file: Path | None = None
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = ""
    nats_password_file: Path | None = None
    # `host:port`, an IPv6 address in brackets: `[::1]:50051`; port 0 takes a free one. Loopback unless told otherwise: callers are trusted for now.
    grpc_listen: str = "127.0.0.1:0"
    # Where the last signed checkpoints are kept beside the database, and `<desk>.address` is written.
    state_folder: Path = Path(".")
    # Send again without custody receipt after this, then doubling.
    resend_seconds: float = 5.0
    # The clock looks for what happens by the passing of time alone (reminders, say): after a commit at most this often, by itself
    # every half minute or as often as this, whichever is rarer; 0: it stands still.
    clock_seconds: float = 10.0
    # A file in whose presence the clock stands still, also if it is made meanwhile: that of a world with dates of years ago.
    clock_stands_file: Path | None = None
    # How often pairs that changed tell one another what their logs hold (`exchange.reconciliation.reports`); 0: never.
    pairing_seconds: float = 60.0
    # Where documents are kept, encrypted: a folder, or a URL of fsspec such as s3://bucket/netral (needs the extra `s3`).
    # Empty: the folder `documents` in the state folder.
    documents_url: str = ""
    # The largest document that is taken (bytes).
    document_max_bytes: int = 256 * 1024 * 1024
    # Where the desks of other parties are, to fetch granted documents from: see `host.peer_addresses`. None: nowhere.
    peers_file: Path | None = None
    # A folder of elections that the operator adds (`agreement.elections.files`): each TOML file is checked at the start. None: none.
    elections_folder: Path | None = None
    # A table of offices that the operator adds (`agreement.parties.office_files`): a CSV, checked at the start. None: none.
    offices_file: Path | None = None
    # `host:port` for the trail over HTTP (tiles, checkpoints, witnesses); port 0 takes a free one, empty serves none.
    http_listen: str = "127.0.0.1:0"
    # `host:port` for `/metrics` in Prometheus' format; port 0 takes a free one, empty serves none.
    metrics_listen: str = "127.0.0.1:0"
    # Witnesses from outside the parties: see `exchange.witness_config`. None: nobody.
    witnesses_file: Path | None = None
    # Seconds between two rounds of asking for cosignatures; 0: nobody is asked.
    witness_seconds: float = 0.5
    # The personnel authorities, being many, are asked to cosign the examiner's log no more often than this (seconds).
    witness_crowd_seconds: float = 60.0
    # A cosigner that is asked in vain, and a log that stands still though its party signs, is an alarm after this (seconds).
    witness_silent_seconds: float = 3600.0
    witness_stalled_seconds: float = 600.0
    # Packs are made in at most so many processes beside the host (`host.worker_processes`), each started when it is needed and ended when
    # it is not; so many more packs wait in line, and any more are refused. A pack may take so long (seconds), and its process so
    # much memory (bytes of address space).
    worker_processes: PositiveInt = 2
    worker_line: NonNegativeInt = 8
    worker_seconds: PositiveFloat = 900.0
    worker_memory_bytes: PositiveInt = 2 * 1024**3
    # Serve reads only: no relay, no inbox, no sequencer. For a copy of a database.
    read_only: bool = False
    # Accept calls that carry no deadline for at most this long (seconds).
    default_deadline: float = 30.0
    log_level: str = "INFO"

    @field_validator("grpc_listen", "http_listen", "metrics_listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value:
            addresses.split(value)
        return value
