"""Preparing an office: data folder, keys, database schema, certificate authority. Safe to run again."""

import os

from sqlalchemy import select

from provisioner import audit
from provisioner.bootstrap import AUTHORITY_PURPOSE, build_context, certificate_span
from provisioner.clock import Clock, system_clock
from provisioner.keyring import Keyring
from provisioner.release import release
from provisioner.settings import Settings
from provisioner.signing.authority import Authority
from provisioner.store.migration import migrate
from provisioner.store.tables import AuthorityRow


def prepare(settings: Settings, clock: Clock = system_clock) -> list[str]:
    """Make what is missing; gives one sentence for each thing made or brought up to date.

    :raises ConfigurationError: a file or setting is wrong.
    """
    done = _make_folder_and_keys(settings)
    before, after = migrate(settings.store_url)
    if before != after:
        done.append(f"Database brought to revision {after}.")
    context = build_context(settings, clock)
    try:
        with context.store.begin() as session:
            if session.scalars(select(AuthorityRow)).first() is None:
                organisation = settings.signing.organisation or context.office.name
                made = Authority.create(organisation, clock(), certificate_span(settings))
                session.add(
                    AuthorityRow(
                        certificate=made.certificate_pem(),
                        key=context.keyring.seal(AUTHORITY_PURPOSE, made.private_key_pem()),
                        created_at=clock(),
                    )
                )
                done.append("Certificate authority for pacts made.")
                context.trail.record(
                    session,
                    "office-prepared",
                    actor=audit.Actor.command(),
                    targets=list(settings.targets),
                    release=release(),
                )
    finally:
        context.store.close()
    return done


def _make_folder_and_keys(settings: Settings) -> list[str]:
    data = settings.data_dir.absolute()
    done = []
    if not data.exists():
        data.mkdir(parents=True, mode=0o700)
        done.append(f"Data folder {settings.data_dir} made.")
    if settings.keys.env is not None:
        return done
    keys = settings.path(settings.keys.file)
    if not keys.exists():
        keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(keys.parent, 0o700)  # noqa: PTH101  The umask may have taken rights that are needed, or left too many.
        Keyring.create(keys)
        done.append("Keys made. Keep a second copy in another safe place: without them the data are lost.")
    return done
