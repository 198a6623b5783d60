"""What the store says of an official: their name and posts, what they may act in today, how the trail calls them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.store.tables import MandateRow, OfficialRow

OFFICIAL_SIGN_IN = "official-sign-in"
"""What officials' failed sign-ins are counted under, by user name."""


def find_official(session: Session, username: str) -> OfficialRow | None:
    """The official of this user name, whatever its case."""
    return session.scalars(
        select(OfficialRow).where(func.lower(OfficialRow.username) == username.lower())
    ).one_or_none()


def official_by_username(session: Session, username: str) -> OfficialRow:
    """:raises NotFound: ``official-unknown``."""
    row = find_official(session, username)
    if row is None:
        raise NotFound("official-unknown")
    return row


def display_name(row: OfficialRow) -> str:
    """The name with titles, as papers write it."""
    name = f"{row.title_prefix} {row.full_name}".strip()
    return f"{name}, {row.title_suffix}" if row.title_suffix else name


def in_trail(context: Context, row: OfficialRow) -> audit.Actor:
    """The official as the audit trail names who acts for themselves: by their first post."""
    posts = row.posts.split()
    label = context.office.post(posts[0]).label.id if posts else row.position
    return audit.Actor.official(row.id, label, name=display_name(row))


def may_sign_in(context: Context, row: OfficialRow) -> bool:
    """Neither suspended nor past the account's last day."""
    return row.suspended_at is None and (row.expires_on is None or row.expires_on >= context.today())


def lapsed(context: Context, row: OfficialRow) -> bool:
    """The first password was not used in time: whoever holds its paper now does not get in."""
    until = row.first_password_until
    return row.must_change and until is not None and until < context.clock()


def actor_of(context: Context, session: Session, row: OfficialRow, *, session_id: str = "", address: str = "") -> Actor:
    """The official with the capacities they have today."""
    return Actor(
        official_id=row.id,
        username=row.username,
        name=display_name(row),
        capacities=_capacities(context, session, row),
        staff_number=row.staff_number,
        rank=row.rank,
        position=row.position,
        person_key=row.person_key,
        staff_key=row.staff_key,
        session_id=session_id,
        address=address,
    )


def _capacities(context: Context, session: Session, row: OfficialRow) -> tuple[Capacity, ...]:
    office = context.office
    own = [Capacity(post, office.post(post).label.id, title=office.post(post).title) for post in row.posts.split()]
    today = context.today()
    mandates = session.scalars(
        select(MandateRow).where(
            MandateRow.official_id == row.id,
            MandateRow.ended_at.is_(None),
            MandateRow.starts_on <= today,
            MandateRow.ends_on >= today,
        )
    )
    for each in mandates:
        label = f"{'Plt.' if each.kind == 'PLT' else 'Plh.'} {office.post(each.post).label.id}"
        order, title = f"{each.order_number}, {each.order_date.isoformat()}", office.post(each.post).title
        own.append(Capacity(each.post, label, each.kind, order, title, each.order_number, each.order_date))
    return tuple(own)
