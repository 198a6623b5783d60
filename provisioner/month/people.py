"""Officials' own accounts: who has no second factor, whose first password lies about, whose account ends."""

from collections.abc import Iterator

from provisioner.month.point import Point, Subject, Urgency, urgency_of
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_terms import OfficialTerms
from provisioner.provisioning.official_views import OfficialSummary, OfficialViews

_NAMED = 5


def people_points(context: Context, views: OfficialViews, terms: OfficialTerms) -> Iterator[Point]:
    """What IT has to look after among the officials."""
    today, now = context.today(), context.clock()
    living = [each for each in views.everybody() if each.suspended_at is None]
    letting_in = [each for each in living if each.expires_on is None or each.expires_on >= today]
    mandatory = {post.value for post in context.settings.totp.mandatory_for}
    bare = [each for each in letting_in if not each.second_factor and mandatory & set(each.posts)]
    yield _listed(Subject.SECOND_FACTOR, bare)
    lapsed = [each for each in letting_in if each.must_change and (each.first_password_until or now) < now]
    yield _listed(Subject.FIRST_PASSWORD, lapsed)
    for each in living:
        if each.expires_on is not None and each.expires_on < today:
            yield Point(Subject.OFFICIAL_OVER, Urgency.MONTH, each.expires_on, each.username)
    for ending in terms.endings():
        if ending.on is None:
            yield Point(Subject.OFFICIAL_ENDS, Urgency.NOW, None, ending.username)
        else:
            yield Point(Subject.OFFICIAL_ENDS, urgency_of(ending.on, today), ending.on, ending.username)


def _listed(subject: Subject, people: list[OfficialSummary]) -> Point:
    names = ", ".join(each.username for each in people[:_NAMED]) + (" …" if len(people) > _NAMED else "")
    urgency = Urgency.MONTH if people else Urgency.GOOD
    return Point(subject, urgency, facts={"count": len(people), "names": names})
