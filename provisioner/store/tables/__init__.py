"""Every table, so that importing this package fills ``Model.metadata``."""

from provisioner.store.tables.account_history import AccountHistoryRow
from provisioner.store.tables.accounts import AccountRow, LinkRow, TargetHealthRow, UsernameRow
from provisioner.store.tables.alarms import EnvelopeAlarmRow
from provisioner.store.tables.attachments import AttachmentRow
from provisioner.store.tables.audit import AuditHeadRow, AuditPersonalRow, AuditRow
from provisioner.store.tables.backups import BackupRow, RestorationRow
from provisioner.store.tables.boxes import BoxRow, FilingRow
from provisioner.store.tables.cards import CardEvidenceRow, HelpCardRow, ManualAccountRow, TaskCardRow
from provisioner.store.tables.credentials import CredentialRow, EnrolmentRow, GenerationRow
from provisioner.store.tables.destructions import DestructionCaseRow, DestructionRow
from provisioner.store.tables.letters import ActRow, CounterRow, DeskVisitRow, LetterRow, RequestRow
from provisioner.store.tables.model import Model, UtcDateTime, new_id
from provisioner.store.tables.officials import MandateRow, OfficialRow
from provisioner.store.tables.pacts import AuthorityRow, PactCheckRow, PactFindingRow, PactRow, PactTextRow
from provisioner.store.tables.papers import PaperRow
from provisioner.store.tables.processes import ProcessRow, SchemaFloorRow
from provisioner.store.tables.reconciliations import FindingRow, ReconciliationRow
from provisioner.store.tables.recorded import RecordedAccountRow, RecordedListRow
from provisioner.store.tables.register import RegisterEntryRow
from provisioner.store.tables.sessions import SessionRow, ThrottleRow
from provisioner.store.tables.target_checks import TargetCheckRow
from provisioner.store.tables.turns import EngineMigrationRow, TurnRow
from provisioner.store.tables.upkeep import KeyCopyRow, MonthCheckRow

__all__ = [
    "AccountHistoryRow",
    "AccountRow",
    "ActRow",
    "AttachmentRow",
    "AuditHeadRow",
    "AuditPersonalRow",
    "AuditRow",
    "AuthorityRow",
    "BackupRow",
    "BoxRow",
    "CardEvidenceRow",
    "CounterRow",
    "CredentialRow",
    "DeskVisitRow",
    "DestructionCaseRow",
    "DestructionRow",
    "EngineMigrationRow",
    "EnrolmentRow",
    "EnvelopeAlarmRow",
    "FilingRow",
    "FindingRow",
    "GenerationRow",
    "HelpCardRow",
    "KeyCopyRow",
    "LetterRow",
    "LinkRow",
    "MandateRow",
    "ManualAccountRow",
    "Model",
    "MonthCheckRow",
    "OfficialRow",
    "PactCheckRow",
    "PactFindingRow",
    "PactRow",
    "PactTextRow",
    "PaperRow",
    "ProcessRow",
    "ReconciliationRow",
    "RecordedAccountRow",
    "RecordedListRow",
    "RegisterEntryRow",
    "RequestRow",
    "RestorationRow",
    "SchemaFloorRow",
    "SessionRow",
    "TargetCheckRow",
    "TargetHealthRow",
    "TaskCardRow",
    "ThrottleRow",
    "TurnRow",
    "UsernameRow",
    "UtcDateTime",
    "new_id",
]
