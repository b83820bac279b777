"""Reads of the roster: lists with group and post, figures per state, histories, suspended spans.

Every list costs a fixed number of queries, whatever its length (held by ``test_selectors``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from deputies.access import (
    Sight,
    countable_mandates,
    published_mandates,
    sight_of,
    visible_changes,
    visible_mandates,
)
from deputies.enums import ElectionWay, GroupPost, MandateState, Sex, TermState
from deputies.models import (
    DeputyGroup,
    FixedContact,
    GroupMembership,
    Mandate,
    MandateChange,
    Person,
    Session,
    Term,
)
from deputies.models.mandates import elector_name, namesakes
from liaison.hooks import Held, Holder
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.text import fold_name, mask_phone

# Orders of a roster: 按姓名笔画 (domain.md section 2), 名册序号, 拼音, 选区.
ORDERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "number": ("按名册序号", ("list_number", "person__name_strokes", "pk")),
    "strokes": ("按姓名笔画", ("person__name_strokes", "list_number", "pk")),
    "pinyin": ("按姓名拼音", ("person__name_pinyin", "list_number", "pk")),
    "constituency": ("按选区", ("constituency__number", "list_number", "pk")),
}


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One deputy in a list. What the reader may not see is empty; the telephone is always masked."""

    mandate_id: int
    person_id: int
    list_number: int | None
    name: str
    full_name: str
    sex: Sex
    constituency: str
    group_id: int | None
    group: str
    post: str
    occupation: str
    phone: str
    state: MandateState
    election_way: ElectionWay
    concurrent_seat: str
    photo_id: int | None

    @property
    def is_namesake(self) -> bool:
        return self.full_name != self.name


@dataclass(frozen=True, slots=True)
class PublicDeputy:
    """What is published of a deputy (代表法 Art. 58): never telephone, address or month of birth."""

    mandate_id: int
    name: str
    sex: Sex
    constituency: str
    group: str
    occupation: str
    photo_id: int | None
    introduction: str
    full_name: str

    @property
    def is_namesake(self) -> bool:
        return self.full_name != self.name


def with_roster_parts(mandates: QuerySet[Mandate]) -> QuerySet[Mandate]:
    """Joined with person and elector, and with the open place in a group (`open_place`): two queries."""
    places = GroupMembership.objects.filter(ends_on__isnull=True).select_related("group")
    return mandates.select_related("person", "constituency", "electing_unit").prefetch_related(
        Prefetch("memberships", queryset=places, to_attr="open_places")
    )


def open_place(mandate: Mandate) -> GroupMembership | None:
    """The place in a group now; costs a query unless `with_roster_parts` has fetched it."""
    places = getattr(mandate, "open_places", None)
    if places is None:
        places = list(mandate.memberships.filter(ends_on__isnull=True).select_related("group"))
    return places[0] if places else None


def matching(
    mandates: QuerySet[Mandate],
    *,
    search: str = "",
    state: str = "",
    group_id: int | None = None,
    constituency_id: int | None = None,
) -> QuerySet[Mandate]:
    """Narrowed by name, full pinyin or initials, constituency; by state and group."""
    if search:
        words, name = search.strip(), fold_name(search)
        mandates = mandates.filter(
            Q(person__name__icontains=name)
            | Q(person__name_search__icontains=name.lower().replace(" ", ""))
            | Q(constituency__name__icontains=words)
            | Q(electing_unit__name__icontains=words)
        )
    if state:
        mandates = mandates.filter(state=state)
    if group_id is not None:
        mandates = mandates.filter(memberships__group_id=group_id, memberships__ends_on__isnull=True)
    if constituency_id is not None:
        mandates = mandates.filter(constituency_id=constituency_id)
    return mandates


def roster(actor: Actor, term: Term, *, order: str = "number", **narrowed: object) -> list[RosterLine]:
    """The deputies of a term the actor may open, in one of `ORDERS`; three queries.

    ``narrowed`` takes the keywords of `matching`.
    """
    mandates = matching(visible_mandates(actor).filter(term=term), **narrowed)  # type: ignore[arg-type]
    return roster_lines(actor, term, mandates.order_by(*ORDERS[order][1]))


def roster_lines(actor: Actor, term: Term, mandates: QuerySet[Mandate]) -> list[RosterLine]:
    """Lines of any queryset of one term's mandates the actor may open; three queries."""
    names = DeputyNames(actor)
    shows_phones = actor.role != Role.STATION_CLERK
    return [_line(mandate, names.of(mandate), shows_phones) for mandate in with_roster_parts(mandates)]


def _line(mandate: Mandate, full_name: str, shows_phones: bool) -> RosterLine:
    place, person = open_place(mandate), mandate.person
    return RosterLine(
        mandate_id=mandate.pk,
        person_id=person.pk,
        list_number=mandate.list_number,
        name=person.name,
        full_name=full_name,
        sex=Sex(person.sex),
        constituency=elector_name(mandate),
        group_id=place.group_id if place else None,
        group=place.group.name if place else "",
        post=post_label(place),
        occupation=person.occupation,
        phone=mask_phone(person.phone) if shows_phones else "",
        state=MandateState(mandate.state),
        election_way=ElectionWay(mandate.election_way),
        concurrent_seat=mandate.concurrent_seat,
        photo_id=person.photo_id,
    )


def post_label(place: GroupMembership | None) -> str:
    """The post as rosters print it: 成员 is left out."""
    if place is None or place.post == GroupPost.MEMBER:
        return ""
    return GroupPost(place.post).label


class DeputyNames:
    """`Mandate.full_name` for an actor who need not be the one who acts; one query per term met."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._known: dict[int, dict[int, str]] = {}

    def of(self, mandate: Mandate) -> str:
        return self.named(mandate.term_id, mandate.pk) or mandate.person.name

    def named(self, term_id: int, mandate_id: int) -> str:
        """The name told apart, blank where nobody else has it; for rows read without their mandates."""
        if term_id not in self._known:
            self._known[term_id] = namesakes(self._actor, term_id)
        return self._known[term_id].get(mandate_id, "")


def full_names(actor: Actor, mandates: Iterable[Mandate]) -> dict[int, str]:
    """`DeputyNames` of a list, by mandate id."""
    names = DeputyNames(actor)
    return {mandate.pk: names.of(mandate) for mandate in mandates}


def state_counts(actor: Actor, term: Term) -> dict[MandateState, int]:
    """How many mandates of the term stand in each state, every state present; one query."""
    rows = countable_mandates(actor) if actor.role == Role.CITY_VIEWER else visible_mandates(actor)
    found = dict(rows.filter(term=term).order_by().values_list("state").annotate(n=Count("pk")))
    return {state: found.get(state, 0) for state in MandateState}


def groups_with_counts(actor: Actor, term: Term) -> list[DeputyGroup]:
    """Groups in order, each with ``members`` (seated deputies in it now); one query."""
    seated = Q(memberships__ends_on__isnull=True, memberships__pk__isnull=False)
    return list(
        DeputyGroup.scoped(actor)
        .filter(term=term)
        .annotate(members=Count("memberships", filter=seated))
        .order_by("number", "pk")
    )


def sessions_of(actor: Actor, term: Term) -> list[Session]:
    return list(Session.scoped(actor).filter(term=term).order_by("number"))


def published_roster(actor: Actor, term: Term | None = None, *, search: str = "") -> list[PublicDeputy]:
    """The published facts of the seated deputies in the interval, by constituency; three queries."""
    mandates = published_mandates(actor)
    if term is not None:
        mandates = mandates.filter(term=term)
    listed = list(
        with_roster_parts(matching(mandates, search=search)).order_by(
            "scope_code", "constituency__number", "list_number", "pk"
        )
    )
    names = DeputyNames(actor)
    return [published_facts(mandate, names.of(mandate)) for mandate in listed]


def published_facts(mandate: Mandate, full_name: str) -> PublicDeputy:
    place, person = open_place(mandate), mandate.person
    return PublicDeputy(
        mandate_id=mandate.pk,
        name=person.name,
        sex=Sex(person.sex),
        constituency=elector_name(mandate),
        group=place.group.name if place else "",
        occupation=person.occupation,
        photo_id=person.photo_id,
        introduction=person.introduction,
        full_name=full_name,
    )


def changes_of(actor: Actor, mandate: Mandate) -> list[MandateChange]:
    """The ledger of one mandate in the order it took effect; empty for those who may not read it."""
    return list(visible_changes(actor).filter(mandate=mandate).order_by("effective_on", "pk"))


def places_of(actor: Actor, mandate: Mandate) -> list[GroupMembership]:
    """Every place in a group the mandate has held, in order."""
    if sight_of(actor, mandate) < Sight.ROSTER:
        return []
    places = GroupMembership.scoped(actor).filter(mandate=mandate).select_related("group")
    return list(places.order_by("starts_on", "pk"))


def people_to_appoint(actor: Actor, place: Jurisdiction) -> list[tuple[int, str]]:
    """Those who hold a seat kept at ``place``, in the order of surname strokes, told apart by their seat."""
    seats = Mandate.scoped(actor).filter(scope_code=place.scope_code, ended_on__isnull=True)
    joined = seats.select_related("person", "constituency", "electing_unit", "term")
    found: dict[int, str] = {}
    for seat in joined.order_by("person__name_strokes", "-term__number", "pk"):
        elected_by = seat.constituency or seat.electing_unit
        found.setdefault(seat.person_id, f"{seat.person.name}（{elected_by}，第{seat.term.number}届）")
    return list(found.items())


def groups_to_appoint(actor: Actor, place: Jurisdiction) -> list[tuple[int, str]]:
    """The groups kept at ``place`` in terms that are not over."""
    rows = DeputyGroup.scoped(actor).filter(scope_code=place.scope_code).exclude(term__state=TermState.CLOSED)
    joined = rows.select_related("term").order_by("-term__number", "number", "pk")
    return [(row.pk, f"{row.name}（第{row.term.number}届）") for row in joined]


def account_holders(actor: Actor, place: Jurisdiction, ids: Iterable[int]) -> list[Holder]:
    """The people among ``ids`` who may be given an account: a leader one that speaks for the group as well.

    In the order of `people_to_appoint`; three queries.
    """
    wanted = set(ids)
    people = [(pk, words) for pk, words in people_to_appoint(actor, place) if pk in wanted]
    posts = GroupMembership.scoped(actor).filter(
        mandate__person__in=wanted, post=GroupPost.LEADER, ends_on__isnull=True, scope_code=place.scope_code
    )
    led = dict(posts.order_by("pk").values_list("mandate__person_id", "group_id"))
    names = dict(Person.scoped(actor).filter(pk__in=wanted).values_list("pk", "name"))
    return [
        Holder(pk, names[pk], words, Role.GROUP_LEADER, {"group_ref": led[pk]})
        if pk in led
        else Holder(pk, names[pk], words, Role.DEPUTY)
        for pk, words in people
    ]


def places_held(actor: Actor, mandates: Iterable[Mandate]) -> list[Held]:
    """The groups and fixed contacts that end with the seats; two queries."""
    ids = [mandate.pk for mandate in mandates]
    places = GroupMembership.scoped(actor).filter(mandate__in=ids, ends_on__isnull=True)
    found = []
    for place in places.select_related("group", "mandate__person").order_by("group__number", "pk"):
        becomes = "登记后退出小组。"
        if place.post == GroupPost.LEADER:
            becomes = "登记后退出，小组没有组长，请另行推选。"
        words = f"{place.mandate.full_name}：{place.group.name}{GroupPost(place.post).label}"
        found.append(Held(words, becomes, f"{reverse('deputies_groups')}?term={place.group.term_id}"))
    contacts = FixedContact.scoped(actor).filter(mandate__in=ids, ends_on__isnull=True).count()
    if contacts:
        found.append(
            Held(f"固定联系选民{contacts}人", "联系关系同时终结，请另行安排。", reverse("deputies_roster"))
        )
    return found
