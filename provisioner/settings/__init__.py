"""The settings: one class per section, a docstring for every setting, no secret among the defaults."""

from provisioner.settings.access import (
    Area,
    AttachmentSettings,
    LockoutSettings,
    NetworkSettings,
    PasswordSettings,
    RateLimitSettings,
    TotpSettings,
    WebSettings,
)
from provisioner.settings.cards import CardSettings
from provisioner.settings.dispatch import DispatchSettings
from provisioner.settings.inspection import InspectionSettings
from provisioner.settings.loading import CONFIG_VARIABLE, Settings, load_settings
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
from provisioner.settings.target import TargetSettings
from provisioner.settings.upkeep import UpkeepSettings

__all__ = [
    "CONFIG_VARIABLE",
    "Area",
    "AttachmentSettings",
    "AuditSettings",
    "BackupSettings",
    "CardSettings",
    "DispatchSettings",
    "EnvelopeSettings",
    "InspectionSettings",
    "KeySettings",
    "LockoutSettings",
    "LogSettings",
    "MetricsSettings",
    "NetworkSettings",
    "PactSettings",
    "PasswordSettings",
    "ProcedureSettings",
    "RateLimitSettings",
    "ReconciliationSettings",
    "RegisterSettings",
    "RunnerSettings",
    "Settings",
    "SigningSettings",
    "StoreSettings",
    "TargetSettings",
    "TotpSettings",
    "UpkeepSettings",
    "WebSettings",
    "load_settings",
]
