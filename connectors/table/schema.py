"""The tables as the settings name them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    func,
    literal,
    literal_column,
    make_url,
)

from connectors.table.settings import TableSettings

MARIADB_COLLATION = "utf8mb4_nopad_bin"


class Schema:
    """SQLAlchemy tables built from the settings; every statement is made of these."""

    def __init__(self, settings: TableSettings) -> None:
        self.metadata = MetaData(schema=settings.db_schema)
        self._mariadb = make_url(settings.url).get_backend_name() in ("mysql", "mariadb")
        names = settings.columns
        counted = names.id_kind == "database"
        self.id_type = BigInteger().with_variant(Integer(), "sqlite") if counted else String(36)
        self.id = Column(names.id, self.id_type, primary_key=True, autoincrement=counted)
        self.username = Column(names.username, String(settings.username_max_length), nullable=False)
        self.marker_account = Column(names.marker_account, String(64), index=True)
        self.marker_version = Column(names.marker_version, Integer)
        self.marker_generation = Column(names.marker_generation, Integer)
        self.verifier = Column(names.verifier, String(255))
        self.must_change = Column(names.must_change, Boolean) if names.must_change else None
        self.enabled = Column(names.enabled, Boolean, nullable=False)
        self.profile = {name: Column(name, Text) for name in names.profile}
        # Left to itself, SQLite would give the number of a removed row to the next one.
        self.accounts = Table(settings.table, self.metadata, *self._columns(), sqlite_autoincrement=counted)
        folded = f"uq_{settings.table}_{names.username}_folded"
        Index(folded, func.lower(self.username), unique=True).ddl_if(callable_=lambda *_, **__: not self._mariadb)
        event.listen(self.accounts, "after_create", self._index_folded)
        self._add_roles(settings)

    def folded(self, value: Any) -> ColumnElement[str]:
        """A user name, or the column, as names are compared: without regard to case, and to nothing else."""
        if not self._mariadb:
            return func.lower(value)
        # Left to its own collation MariaDB would take accents and trailing blanks for nothing.
        text = func.convert(
            (literal(value) if isinstance(value, str) else value).op("USING")(literal_column("utf8mb4"))
        )
        return func.lower(text).collate(MARIADB_COLLATION)

    def _index_folded(self, accounts: Table, connection: Connection, **_: object) -> None:
        """MariaDB has no indexes over expressions, so there a computed column carries the unique one."""
        if not self._mariadb:
            return
        quoted = connection.dialect.identifier_preparer
        name = quoted.format_column(self.username)
        computed = quoted.quote(f"{self.username.name}_folded")
        length = getattr(self.username.type, "length", 64)
        connection.exec_driver_sql(
            f"ALTER TABLE {quoted.format_table(accounts)} ADD COLUMN {computed} VARCHAR({length}) "
            f"CHARACTER SET utf8mb4 COLLATE {MARIADB_COLLATION} AS (LOWER({name})) VIRTUAL, ADD UNIQUE ({computed})"
        )

    def _columns(self) -> list[Column[Any]]:
        marker: list[Column[Any]] = [self.marker_account, self.marker_version, self.marker_generation]
        columns: list[Column[Any]] = [self.id, self.username, *marker, self.verifier, self.enabled]
        columns += self.profile.values()
        return [*columns, self.must_change] if self.must_change is not None else columns

    def _add_roles(self, settings: TableSettings) -> None:
        self.roles: Table | None = None
        if settings.entitlements is None:
            return
        names = settings.entitlements
        self.role_account = Column(names.account, self.id_type, ForeignKey(self.id), primary_key=True)
        self.role_name = Column(names.entitlement, String(255), primary_key=True)
        self.roles = Table(names.name, self.metadata, self.role_account, self.role_name)

    def id_value(self, remote_id: str) -> object:
        """A remote id as the primary key's own type; None when it cannot be one."""
        if isinstance(self.id_type, String):
            return remote_id
        return int(remote_id) if remote_id.isascii() and remote_id.isdecimal() else None
