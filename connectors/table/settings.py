"""Settings of a table of accounts. Names of tables and columns are the office's; the meanings are fixed."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from connectors.entitlements import EntitlementTemplates
from connectors.template import TemplateText


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)


class Columns(_Section):
    """Names of the columns that every table of accounts needs."""

    id: str = "id"
    """Primary key. It never changes, whatever else does."""

    id_kind: Literal["uuid", "database"] = "uuid"
    """``uuid``: we choose a random one (32 characters); ``database``: a whole number that the database counts up."""

    username: str = "username"
    """User name, unique whatever its case."""

    marker_account: str = "provisioner_account"
    """Text: whose account it is. Empty (NULL) in rows that are not ours."""

    marker_version: str = "provisioner_version"
    """Whole number: the version of the account last applied."""

    marker_generation: str = "provisioner_generation"
    """Whole number: the generation of the initial password last written."""

    verifier: str = "verifier"
    """Text of about 100 characters: argon2id as PHC text."""

    must_change: str | None = "must_change"
    """Boolean: the initial password is not changed yet. Without such a column ``withheld`` must be true."""

    enabled: str = "enabled"
    """Boolean: whether the account may sign in."""

    profile: dict[str, TemplateText] = Field(
        default_factory=lambda: {
            "full_name": "{full_name}",
            "display_name": "{display_name}",
            "role": "{role}",
            "region": "{region}",
            "org_unit": "{org_unit}",
            "position": "{position}",
            "valid_until": "{valid_until}",
        }
    )
    """Text columns for the person's data: column -> template. A column whose template is one field is compared."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [self.id, self.username, self.marker_account, self.marker_version, self.marker_generation]
        names += [self.verifier, self.enabled, *self.profile, *([self.must_change] if self.must_change else [])]
        if len({name.lower() for name in names}) != len(names):
            raise ValueError("two columns have the same name")
        return self


class EntitlementTable(_Section):
    """A second table with one row for every role that an account holds."""

    name: str = "account_roles"
    """Name of the table."""

    account: str = "account_id"
    """Column with the primary key of the account's row."""

    entitlement: str = "role"
    """Column with the name of the role."""

    rules: EntitlementTemplates = Field(default_factory=dict)
    """Role of the catalogue (``*``: every role) -> names of roles in this table, as templates of profile fields."""


class TableSettings(_Section):
    """A target of kind ``table``."""

    url: str
    """SQLAlchemy address without a password: ``sqlite:////var/lib/siak/accounts.db``, ``postgresql+psycopg://...``."""

    password_env: str | None = None
    """Environment variable that holds the password for the database."""

    password_file: Path | None = None
    """File that holds the password for the database (its first line)."""

    db_schema: str | None = Field(default=None, alias="schema")
    """Schema of the tables, where it is not the connection's own."""

    table: str = "accounts"
    """Name of the table of accounts."""

    columns: Columns = Columns()
    """Its columns."""

    entitlements: EntitlementTable | None = None
    """The table of roles; left out where the target has none."""

    create_tables: bool = False
    """Create the tables at first use where they are missing."""

    withheld: bool = False
    """True where a foreign application reads the table and would let somebody in before the first change."""

    unusable_verifier: str | None = None
    """What stands in the verifier column while nobody may sign in; NULL unless the column forbids it (``!``)."""

    open_session_seconds: int | None = Field(default=None, ge=0)
    """How long a session of the application lives on after a suspension, where that is known."""

    username_max_length: int = Field(default=64, ge=1)
    """Characters a user name may have."""

    password_min_length: int = Field(default=10, ge=1)
    """Characters a password chosen by its user must have."""

    argon2_memory_kib: int = Field(default=19456, ge=8, le=1048576)
    """Memory in KiB for verifiers computed here (at a change of password)."""

    argon2_iterations: int = Field(default=2, ge=1, le=100)
    """Passes over the memory for verifiers computed here."""

    argon2_max_memory_kib: int = Field(default=262144, ge=8, le=1048576)
    """A stored verifier that asks for more memory matches no password."""

    argon2_max_iterations: int = Field(default=20, ge=1, le=100)
    """A stored verifier that asks for more passes matches no password."""

    @field_validator("url")
    @classmethod
    def _address_only(cls, text: str) -> str:
        try:
            url = make_url(text)
        except ArgumentError:
            raise ValueError("not a SQLAlchemy address") from None
        if url.password is not None:
            raise ValueError("must not hold a password; use password_env or password_file")
        try:
            url.get_dialect().import_dbapi()
        except (ImportError, NoSuchModuleError):
            raise ValueError(f"the database driver for {url.drivername} is not installed") from None
        if url.get_backend_name() == "sqlite" and (url.database in (None, "", ":memory:") or "uri" in url.query):
            raise ValueError("names no plain file; for a target in memory use the kind 'memory'")
        return text

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.password_env and self.password_file:
            raise ValueError("password_env and password_file exclude each other")
        if self.columns.must_change is None and not self.withheld:
            raise ValueError("without columns.must_change the target cannot enforce the first change: set withheld")
        return self

    def address(self) -> URL:
        """The address with the password put in.

        :raises ValueError: the variable is not set or the file cannot be read.
        """
        url = make_url(self.url)
        if self.password_env is not None:
            if self.password_env not in os.environ:
                raise ValueError(f"password_env: the environment variable {self.password_env} is not set")
            url = url.set(password=os.environ[self.password_env])
        if self.password_file is not None:
            try:
                url = url.set(password=self.password_file.read_text("utf-8").partition("\n")[0].rstrip("\r"))
            except (OSError, UnicodeDecodeError):
                raise ValueError(f"password_file: {self.password_file} cannot be read") from None
        return url
