"""The settings as a whole: read from one TOML file, with the environment above it. Validating never connects."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from provisioner.configuration import Document, plain_reason
from provisioner.errors import ConfigurationError
from provisioner.settings.access import (
    AttachmentSettings,
    LockoutSettings,
    PasswordSettings,
    RateLimitSettings,
    TotpSettings,
    WebSettings,
)
from provisioner.settings.cards import CardSettings
from provisioner.settings.dispatch import DispatchSettings
from provisioner.settings.inspection import InspectionSettings
from provisioner.settings.metrics import MetricsSettings
from provisioner.settings.operation import (
    AuditSettings,
    BackupSettings,
    EnvelopeSettings,
    KeySettings,
    LogSettings,
    ProcedureSettings,
    RunnerSettings,
    SigningSettings,
    StoreSettings,
)
from provisioner.settings.pact import PactSettings
from provisioner.settings.reconciliation import ReconciliationSettings
from provisioner.settings.register import RegisterSettings
from provisioner.settings.store_password import with_password
from provisioner.settings.target import TargetName, TargetSettings
from provisioner.settings.upkeep import UpkeepSettings
from provisioner.toml_lines import KeyPath

PREFIX = "PROVISIONER_"
NESTED = "__"
CONFIG_VARIABLE = "PROVISIONER_CONFIG"
DATA_DIR_PLACE = "{data_dir}"
CREDENTIALS_PLACE = "{credentials}"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Where systemd says in which folder it put what a unit's ``LoadCredential=`` names (systemd.exec(5))."""
EMBEDDED_FILE = Path(__file__).parents[2] / "config" / "provisioner.toml"
"""The settings of the embedded default, as they come with the project."""


class Settings(BaseSettings):
    """Every setting. Make one with :func:`load_settings`; in tests by the constructor."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    data_dir: Path = Path("var")
    """Folder for everything the service writes. A relative one is meant from where the command is started."""

    office_dir: Path = EMBEDDED_FILE.parent
    """Folder with the office's files: ``office.toml``, ``roles.toml``, ``regions.toml``, ``procedure.toml``,
    ``pact.toml``, ``common-passwords.txt`` and ``letters/``. A relative one is meant from the settings file; without
    it: the files of the project."""

    store: StoreSettings = StoreSettings()
    keys: KeySettings = KeySettings()
    web: WebSettings = WebSettings()
    passwords: PasswordSettings = PasswordSettings()
    lockout: LockoutSettings = LockoutSettings()
    totp: TotpSettings = TotpSettings()
    procedure: ProcedureSettings = ProcedureSettings()
    register_book: RegisterSettings = RegisterSettings()
    envelope: EnvelopeSettings = EnvelopeSettings()
    attachments: AttachmentSettings = AttachmentSettings()
    limits: RateLimitSettings = RateLimitSettings()
    runner: RunnerSettings = RunnerSettings()
    dispatch: DispatchSettings = DispatchSettings()
    cards: CardSettings = CardSettings()
    reconciliation: ReconciliationSettings = ReconciliationSettings()
    signing: SigningSettings = SigningSettings()
    inspection: InspectionSettings = InspectionSettings()
    pact: PactSettings = PactSettings()
    audit: AuditSettings = AuditSettings()
    backup: BackupSettings = BackupSettings()
    upkeep: UpkeepSettings = UpkeepSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()

    targets: Mapping[TargetName, TargetSettings] = Field(default_factory=dict)
    """The systems in which operators get accounts, by name: ``[targets.direktori]``."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  The library's signature.
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first source wins: the environment, then what the file (or a test) says. Nothing else is read."""
        return env_settings, init_settings

    @field_validator("targets")
    @classmethod
    def _one_sign_in(cls, targets: Mapping[str, TargetSettings]) -> Mapping[str, TargetSettings]:
        chosen = [name for name, target in targets.items() if target.sign_in]
        if len(chosen) > 1:
            raise ValueError(f"only one system can have sign_in: {', '.join(chosen)}")
        return targets

    @model_validator(mode="after")
    def _many_workers_need_a_server(self) -> Self:
        if self.dispatch.engine == "procrastinate" and not self.store.url.startswith("postgresql"):
            raise ValueError(
                "dispatch.engine procrastinate needs PostgreSQL: set store.url to postgresql+psycopg://..."
            )
        return self

    def path(self, path: Path) -> Path:
        """``path`` inside the data folder; an absolute one stays as it is, ``{credentials}`` is put in.

        :raises ConfigurationError: it needs the folder of credentials, and nobody said where that is.
        """
        return self.data_dir.absolute() / self._places_filled(str(path))

    @property
    def store_url(self) -> str:
        """``store.url`` with the data folder put in, and the password where it lies in a file.

        :raises ConfigurationError: the file cannot be read.
        """
        url = self._places_filled(self.store.url)
        if self.store.password_file is None:
            return url
        return with_password(url, self.path(self.store.password_file))

    def target_settings(self, name: str) -> Mapping[str, Any]:
        """What the connector of this system is built from: its settings with the data folder put in."""
        filled = self._filled(self.targets[name].settings)
        assert isinstance(filled, dict)  # noqa: S101  A mapping stays one.
        return filled

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._places_filled(value)
        if isinstance(value, Mapping):
            return {key: self._filled(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._filled(each) for each in value]
        return value

    def _places_filled(self, text: str) -> str:
        if CREDENTIALS_PLACE in text:
            text = text.replace(CREDENTIALS_PLACE, _credentials_folder())
        return text.replace(DATA_DIR_PLACE, str(self.data_dir.absolute()))

    @property
    def sign_in_target(self) -> str | None:
        """The system whose password opens the service's own pages for operators; None if there is none."""
        return next((name for name, target in self.targets.items() if target.sign_in), None)


def load_settings(file: Path | None = None) -> Settings:
    """Read ``file``; without it the one that ``PROVISIONER_CONFIG`` names; without that the embedded default.

    :raises ConfigurationError: the file or a variable of the environment is malformed. The value is not in the text.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    document = Document.read(file or (Path(named) if named else EMBEDDED_FILE))
    data = dict(document.data)
    if isinstance(data.get("office_dir"), str):
        data["office_dir"] = document.file.absolute().parent / data["office_dir"]
    try:
        return Settings(**data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise _refusal(document, first["loc"], plain_reason(first["type"], first["msg"])) from None
    except SettingsError as error:
        raise ConfigurationError("environment", f"{error}; lists are written as JSON") from None


def _refusal(document: Document, path: KeyPath, reason: str) -> ConfigurationError:
    """Blame the variable of the environment where one gave the value, else the line of the file."""
    variables = {name.upper() for name in os.environ}
    for length in range(len(path), 0, -1):
        variable = PREFIX + NESTED.join(str(part) for part in path[:length]).upper()
        if variable in variables:
            return ConfigurationError(variable, reason)
    return document.error(path, reason)


def _credentials_folder() -> str:
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    if not folder:
        reason = "is not set, and the settings name {credentials}: it is the folder with keys and passwords"
        raise ConfigurationError(CREDENTIALS_VARIABLE, reason)
    return folder
