"""Groups between sessions, places in them, and the voters a deputy keeps in touch with."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max, QuerySet

from deputies.enums import GroupPost
from deputies.lifecycle import SEATED_STATES
from deputies.models import DeputyGroup, FixedContact, GroupMembership, Mandate, Term
from deputies.services.common import apply_changes, home_of, readable, require_keeper, take_turn, today_of
from deputies.services.electing import clean_name
from deputies.services.people import phone_values
from liaison.auditing import trail
from liaison.identity.access import is_linked
from liaison.identity.roles import OFFICE
from liaison.models import Jurisdiction
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted_line
from liaison.words.text import fold_name, tidy_name


def create_group(*, actor: Actor, term_id: int, name: str, number: int | None = None) -> DeputyGroup:
    """A group of the term; the same name twice is one row."""
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_keeper(actor, term)
    clean = fitted_line(DeputyGroup, "name", name, needed="请填写小组名称。")
    take_turn(actor, term)
    groups = DeputyGroup.scoped(actor).filter(term=term, scope_code=home_of(actor, term)[0])
    same = groups.filter(name=clean).first()
    if same is not None:
        return same
    wanted = number or (groups.aggregate(last=Max("number"))["last"] or 0) + 1
    with trail.operation("create_group"):
        return groups.create(scope_code=home_of(actor, term)[0], term=term, number=wanted, name=clean)


def update_group(*, actor: Actor, group_id: int, name: str, number: int) -> DeputyGroup:
    """Rename or renumber a group; ``Refused`` for a name another one of the term bears."""
    group = locked(DeputyGroup, actor, group_id, "term__congress")
    require_keeper(actor, group.term)
    clean = fitted_line(DeputyGroup, "name", name, needed="请填写小组名称。")
    others = DeputyGroup.scoped(actor).filter(term=group.term, name=clean).exclude(pk=group.pk)
    if others.exists():
        raise Refused(f"本届已有“{clean}”，小组名称不能重复。")
    changed = apply_changes(group, {"name": clean, "number": number})
    if changed:
        with trail.operation("update_group"):
            group.save(update_fields=changed)
    return group


def place_in_group(
    *,
    actor: Actor,
    mandate_id: int,
    group_id: int,
    starts_on: date,
    now: datetime,
    post: GroupPost | str = GroupPost.MEMBER,
) -> GroupMembership:
    """Put a deputy into a group, move to another one, or change the post; the former place is closed.

    From ``starts_on`` on the new place holds, until the day before the old one did. Doing it twice
    changes nothing. Raises ``Refused`` for a vacated seat or a second 组长.
    """
    mandate = locked(Mandate, actor, mandate_id, "person", "term__congress__jurisdiction")
    require_keeper(actor, mandate.term)
    group = readable(DeputyGroup, actor, group_id)
    wanted = GroupPost(post)
    _check_place(mandate, group, starts_on, today_of(now))
    take_turn(actor, mandate.term)
    places = GroupMembership.scoped(actor).filter(ends_on__isnull=True)
    former = places.filter(mandate=mandate).first()
    if former is not None and former.group_id == group.pk and former.post == wanted:
        return former
    if former is not None and starts_on < former.starts_on:
        raise InvalidInput(
            {"starts_on": f"日期不能早于现在所在小组的开始日期（{former.starts_on:%Y-%m-%d}）。"}
        )
    if wanted == GroupPost.LEADER:
        _require_no_leader(places.filter(group=group, post=GroupPost.LEADER).exclude(mandate=mandate), group)
    with trail.operation("place_in_group"):
        return _new_place(actor, mandate, former, group=group, post=wanted, starts_on=starts_on)


def _check_place(mandate: Mandate, group: DeputyGroup, starts_on: date, today: date) -> None:
    if group.term_id != mandate.term_id:
        raise InvalidInput({"group": "小组不属于这位代表的本届，请重新选择。"})
    if mandate.state not in SEATED_STATES:
        raise Refused(f"{mandate.full_name}的代表资格已经终止，不能编入小组。")
    if not mandate.elected_on <= starts_on <= today:
        raise InvalidInput({"starts_on": "日期应在当选日期与今天之间。"})


def _require_no_leader(leaders: QuerySet[GroupMembership], group: DeputyGroup) -> None:
    leader = leaders.select_related("mandate__person").first()
    if leader is not None:
        name = leader.mandate.full_name
        raise Refused(f"{group.name}已有组长{name}，请先将{name}改任其他职务。")


def _new_place(
    actor: Actor,
    mandate: Mandate,
    former: GroupMembership | None,
    *,
    group: DeputyGroup,
    post: GroupPost,
    starts_on: date,
) -> GroupMembership:
    """A place that began the same day is corrected in place, every other one is closed and kept."""
    if former is not None and former.starts_on == starts_on:
        former.group, former.post = group, post
        former.save(update_fields=["group", "post"])
        return former
    if former is not None:
        former.ends_on = starts_on
        former.save(update_fields=["ends_on"])
    return GroupMembership.scoped(actor).create(
        scope_code=mandate.scope_code, group=group, mandate=mandate, post=post, starts_on=starts_on
    )


def set_post(
    *, actor: Actor, mandate_id: int, post: GroupPost | str, starts_on: date, now: datetime
) -> GroupMembership:
    """Another post in the same group. Raises ``Refused`` for a deputy who is in no group."""
    mandate = readable(Mandate, actor, mandate_id, "person", "term")
    place = GroupMembership.scoped(actor).filter(mandate=mandate, ends_on__isnull=True).first()
    if place is None:
        raise Refused(f"{mandate.full_name}还没有编入小组，请先编入小组。")
    return place_in_group(
        actor=actor, mandate_id=mandate_id, group_id=place.group_id, post=post, starts_on=starts_on, now=now
    )


def add_fixed_contact(
    *,
    actor: Actor,
    mandate_id: int,
    name: str,
    starts_on: date,
    now: datetime,
    phone: str = "",
    village_id: int | None = None,
) -> FixedContact:
    """A voter the deputy keeps in touch with (domain.md section 2, contact quotas).

    Entered by the deputy or by the own office. Name and number are stored encrypted; the same name and
    number entered twice is one row.
    """
    mandate = _lock_kept(actor, mandate_id)
    clean = tidy_name(clean_name(name, "选民姓名", 40))
    number = phone_values(phone)["phone"]
    if not mandate.elected_on <= starts_on <= today_of(now):
        raise InvalidInput({"starts_on": "建立联系日期应在当选日期与今天之间。"})
    if (
        village_id is not None
        and not Jurisdiction.objects.filter(
            pk=village_id, scope_code__gte=actor.lo, scope_end__lte=actor.hi
        ).exists()
    ):
        raise InvalidInput({"village": "请选择本行政区域内的村（社区）。"})
    open_contacts = FixedContact.scoped(actor).filter(mandate=mandate, ends_on__isnull=True)
    # Encrypted columns cannot be compared in the database; a deputy has about ten contacts.
    for contact in open_contacts:
        if fold_name(contact.name) == fold_name(clean) and contact.phone == number:
            return contact
    with trail.operation("add_fixed_contact"):
        return open_contacts.create(
            scope_code=mandate.scope_code,
            mandate=mandate,
            name=clean,
            phone=number,
            village_id=village_id,
            starts_on=starts_on,
        )


def end_fixed_contact(*, actor: Actor, contact_id: int, ends_on: date, now: datetime) -> FixedContact:
    """End a contact; ending it twice changes nothing."""
    contact = locked(FixedContact, actor, contact_id)
    _lock_kept(actor, contact.mandate_id)
    if contact.ends_on is not None:
        return contact
    if not contact.starts_on <= ends_on <= today_of(now):
        raise InvalidInput({"ends_on": "结束日期应在建立联系日期与今天之间。"})
    with trail.operation("end_fixed_contact"):
        contact.ends_on = ends_on
        contact.save(update_fields=["ends_on"])
    return contact


def _lock_kept(actor: Actor, mandate_id: int) -> Mandate:
    mandate = locked(Mandate, actor, mandate_id, "person", "term__congress__jurisdiction")
    require_contact_keeper(actor, mandate)
    return mandate


def require_contact_keeper(actor: Actor, mandate: Mandate) -> None:
    """Contacts are entered and ended by the deputy and by the office that keeps the roster.

    Raises ``Forbidden`` for everybody else, ``Refused`` once the mandate has ended or the term is closed.
    """
    if mandate.state not in SEATED_STATES:
        raise Refused(f"{mandate.full_name}的代表资格已经终止，不能再登记联系选民。")
    if actor.person_id is not None and is_linked(mandate.person_id, actor.person_id):
        return
    if actor.role not in OFFICE and actor.role != Role.SYSTEM:
        raise Forbidden("固定联系选民由代表本人或者本级人大工作人员登记。")
    require_keeper(actor, mandate.term)
