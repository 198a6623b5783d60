"""Preparing an office: data folder, keys, database schema, certificate authority. Safe to run again."""

import os
from importlib import import_module

from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.audit.events import Recordable
from provisioner.clock import Clock, system_clock
from provisioner.errors import ConfigurationError
from provisioner.keyring import Keyring
from provisioner.opening import build_context
from provisioner.provisioning.context import Context
from provisioner.release import release
from provisioner.rolling import nobody_in_the_way
from provisioner.settings import Settings
from provisioner.signing.authority import Authority
from provisioner.signing.token import TokenKey
from provisioner.signing_setup import AUTHORITY_PURPOSE, certificate_span, token_place
from provisioner.store.migration import migrate, revision
from provisioner.store.tables import AuthorityRow


def prepare(settings: Settings, clock: Clock = system_clock, *, stop_confirmed: bool = False) -> list[str]:
    """Make what is missing; gives one sentence for each thing made or brought up to date.

    ``stop_confirmed``: somebody has seen to it that no process of the release before runs any more.

    :raises ConfigurationError: a file or setting is wrong. :raises WrongState: ``processes-alive``: the schema has to
        change in a way that old processes cannot stand, and there are some. :raises TokenUnavailable: the
        token that is to hold the authority's key is not to be had; run it again.
    """
    done, keys_made = _make_folder_and_keys(settings)
    before, after = migrate(settings.store_url, guard=None if stop_confirmed else nobody_in_the_way(settings))
    if before != after:
        done.append(f"Database brought to revision {after}.")
    context = build_context(settings, clock)
    try:
        with context.store.begin() as session:
            if keys_made:
                _note(context, session, "keys-made", key_id=context.keyring.newest_id)
            if before != after:
                _note(context, session, "schema-migrated", revision=after, old_revision=before)
        done += _prepare_engine(context)
        authority = _make_authority(context)
        if authority is not None:
            with context.store.begin() as session:
                first = session.scalars(select(AuthorityRow)).first() is None
                _keep_authority(context, session, authority)
                if first:
                    _note(context, session, "office-prepared", targets=list(settings.targets), release=release())
            done.append("Certificate authority for pacts made.")
    finally:
        context.store.close()
    return done


def _prepare_engine(context: Context) -> list[str]:
    """Its own tables, where it has some; a sentence if there was anything to do."""
    if context.settings.dispatch.engine == "embedded":
        return []
    applied = import_module("provisioner.dispatch.schema").bring_up_to_date(context.store, context.clock())
    if not applied:
        return []
    newest = f"Procrastinate {applied[-1].removesuffix('.sql')}"
    with context.store.begin() as session:
        _note(context, session, "schema-migrated", revision=newest)
    return [f"Tables of the engine brought to {newest}."]


def _make_authority(context: Context) -> Authority | None:
    """A new authority where there is none yet, or a token is to hold a key that lies in the database; else None.

    The token is asked before anything is written: one that is away leaves everything as it is.
    """
    now, settings = context.clock(), context.settings
    with context.store.read() as session:
        newest = session.scalars(select(AuthorityRow).order_by(AuthorityRow.created_at.desc())).first()
    place = token_place(settings)
    if newest is not None and (place is None or not newest.key):
        return None
    key = TokenKey(place, place.make_key()) if place else None
    organisation = settings.signing.organisation or context.office.name
    return Authority.create(organisation, now, certificate_span(settings), key)


def _keep_authority(context: Context, session: Session, made: Authority) -> None:
    """With a key in a token no key stays in the database: former authorities sign nothing any more."""
    in_token = isinstance(made.key, TokenKey)
    if in_token:
        for row in session.scalars(select(AuthorityRow)):
            row.key = b""
    key = b"" if in_token else context.keyring.seal(AUTHORITY_PURPOSE, made.private_key_pem())
    session.add(AuthorityRow(certificate=made.certificate_pem(), key=key, created_at=context.clock()))
    _note(
        context,
        session,
        "certificate-issued",
        purpose="authority",
        serial=f"{made.certificate.serial_number:x}",
        sha256=made.certificate.fingerprint(SHA256()).hex(),
        valid_until=made.certificate.not_valid_after_utc,
    )


def _note(context: Context, session: Session, kind: str, **fields: Recordable) -> None:
    context.trail.record(session, kind, actor=audit.Actor.command(), subjects=None, **fields)


def _make_folder_and_keys(settings: Settings) -> tuple[list[str], bool]:
    """What was done, and whether keys were made."""
    data = settings.data_dir.absolute()
    done = []
    if not data.exists():
        data.mkdir(parents=True, mode=0o700)
        done.append(f"Data folder {settings.data_dir} made.")
    if settings.keys.env is not None:
        return done, False
    keys = settings.path(settings.keys.file)
    made = not keys.exists()
    if made:
        if revision(settings.store_url) is not None:
            # New keys would open nothing of what is there, and hide that the old ones are missing.
            raise ConfigurationError(
                str(keys), "the keys of this database are missing: put their second copy here, no new ones are made"
            )
        keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(keys.parent, 0o700)  # noqa: PTH101  The umask may have taken rights that are needed, or left too many.
        Keyring.create(keys)
        done.append("Keys made. Keep a second copy in another safe place: without them the data are lost.")
    return done, made
