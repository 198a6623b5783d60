"""Opening an office: its files, its keys and its store. Connects to no system; commands that need none stop here."""

import os

from provisioner.audit import AuditTrail
from provisioner.clock import Clock, system_clock
from provisioner.errors import ConfigurationError
from provisioner.key_file import FollowedKeyring
from provisioner.keyring import Keyring
from provisioner.observation.observer import UNOBSERVED, Observer
from provisioner.office import load_office
from provisioner.procedure import load_procedure
from provisioner.provisioning.account_history import AccountHistory
from provisioner.provisioning.context import Context
from provisioner.settings import Settings
from provisioner.store import Store


def build_context(settings: Settings, clock: Clock = system_clock, observer: Observer = UNOBSERVED) -> Context:
    """The office, its keys and its store. ``observer`` hears what happens.

    :raises ConfigurationError: a file of the office is malformed, or the keys are missing.
    """
    office = load_office(settings.office_dir)
    procedure = load_procedure(settings.office_dir / "procedure.toml", [post.value for post in office.posts])
    if office.retention and settings.signing.certificate_years <= office.retention.pacts:
        raise ConfigurationError(
            "signing.certificate_years",
            f"must be more than the {office.retention.pacts} years for which pacts are kept",
        )
    keyring = office_keyring(settings)
    store = Store(settings.store_url)
    if clock is system_clock and not store.is_file:
        clock = store.server_clock()
    trail = AuditTrail(keyring, clock)
    trail.heard_by(observer.happened)
    store.before_commit(trail.flush)
    store.after_flush(AccountHistory(clock).note)
    return Context(store, clock, keyring, office, procedure, settings, trail, observer)


def office_keyring(settings: Settings) -> Keyring:
    """The office's keys.

    :raises ConfigurationError: they are missing or malformed.
    """
    if settings.keys.env is not None:
        return Keyring.from_environment(settings.keys.env, os.environ)
    return FollowedKeyring.follow(settings.path(settings.keys.file))
