"""Reading pages: the roster, one deputy, a colleague's card, groups."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deputies.access import (
    Sight,
    elects_own_congress,
    get_mandate,
    get_published_mandate,
    led_groups,
    mandate_of,
    may_keep,
    sight_of,
    visible_fixed_contacts,
)
from deputies.enums import ElectionWay, MandateEvent, MandateState, Sex, TermState
from deputies.lifecycle import MANDATE, SEATED_STATES
from deputies.models import Mandate, Term
from deputies.models.mandates import elector_name
from deputies.selectors import (
    ORDERS,
    changes_of,
    groups_with_counts,
    open_place,
    places_of,
    post_label,
    published_facts,
    published_roster,
    roster,
    state_counts,
)
from deputies.views.common import (
    READERS,
    STATE_TONES,
    chosen_term,
    crumbs,
    elector_label,
    named,
    page,
    person_url,
    readable_terms,
    subtitle,
)
from liaison.files.uploads import file_url
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, OFFICE, REGISTRARS
from liaison.models import StoredFile
from liaison.tenancy.scope import Actor
from liaison.web.pages import whole_number
from liaison.words.enums import Role
from liaison.words.errors import Refused


def _may_found(actor: Actor) -> bool:
    return actor.role in REGISTRARS and elects_own_congress(actor)


@for_roles(*READERS)
@require_safe
def roster_list(request: HttpRequest) -> HttpResponse:
    """The working list of staff; for deputies, what is published of their colleagues."""
    actor = actor_of(request)
    term = chosen_term(request, actor)
    if term is None:
        return page(
            request,
            "roster_empty.html",
            "代表名册",
            may_set_up=_may_found(actor),
        )
    if actor.role == Role.DEPUTY:
        return _colleagues(request, actor, term)
    asked = request.GET
    order = asked.get("order", "")
    group = asked.get("group", "")
    lines = roster(
        actor,
        term,
        order=order if order in ORDERS else "number",
        search=asked.get("q", ""),
        state=asked.get("state", "") if asked.get("state") in MandateState.values() else "",
        group_id=whole_number(group) if group else None,
    )
    return page(
        request,
        "roster.html",
        "代表名册",
        crumbs=[],
        page_lead=str(term),
        term=term,
        lines=[(line, STATE_TONES[line.state]) for line in lines],
        chips=_chips(request, actor, term),
        groups=led_groups(actor) if actor.role == Role.GROUP_LEADER else groups_with_counts(actor, term),
        orders=[(key, label) for key, (label, _) in ORDERS.items()],
        order=order,
        terms=readable_terms(actor),
        elector_label=elector_label(term),
        shows_phones=actor.role != Role.STATION_CLERK,
        is_keeper=may_keep(actor, term) and term.state != TermState.CLOSED,
        may_export=actor.role in REGISTRARS,
    )


def _colleagues(request: HttpRequest, actor: Actor, term: Term) -> HttpResponse:
    words = request.GET.get("q", "")
    return page(
        request,
        "colleagues.html",
        "本届代表",
        crumbs=[],
        page_lead=str(term),
        deputies=published_roster(actor, term, search=words),
        own=mandate_of(actor, term),
    )


def _chips(request: HttpRequest, actor: Actor, term: Term) -> list[dict[str, Any]]:
    counts = state_counts(actor, term)
    chosen = request.GET.get("state", "")
    everything = {
        "label": "全部",
        "count": sum(counts.values()),
        "url": _with(request, ""),
        "active": not chosen,
    }
    return [everything] + [
        {"label": state.label, "count": count, "url": _with(request, state), "active": chosen == state}
        for state, count in counts.items()
        if count
    ]


def _with(request: HttpRequest, state: str) -> str:
    query = request.GET.copy()
    query.pop("state", None)
    if state:
        query["state"] = state
    return f"?{query.urlencode()}"


@for_roles(*DEPUTIES)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """A deputy's own record; asks the office when the account knows no mandate."""
    mandate = mandate_of(actor_of(request))
    if mandate is None:
        raise Refused("您的账号没有关联本届代表登记，请联系人大工作人员。")
    return HttpResponseRedirect(person_url(mandate))


@for_roles(*READERS)
@require_safe
def person(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """一人一档: what is registered of one deputy, as much as the reader may see."""
    actor = actor_of(request)
    mandate = get_mandate(actor, mandate_id)
    sight = sight_of(actor, mandate)
    is_keeper = may_keep(actor, mandate.term) and mandate.term.state != TermState.CLOSED
    return page(
        request,
        "person.html",
        named(actor, mandate),
        crumbs=crumbs((mandate.full_name, "")),
        mandate=mandate,
        state=MandateState(mandate.state),
        tone=STATE_TONES[MandateState(mandate.state)],
        lead=subtitle(mandate),
        facts=_facts(mandate, sight),
        shows_phone=sight >= Sight.RECORD,
        is_own=sight == Sight.OWN,
        timeline=_timeline(actor, mandate),
        contacts=_contacts(actor, mandate),
        may_add_contact=_may_add_contact(actor, mandate, sight),
        actions=_actions(mandate) if is_keeper else [],
        is_keeper=is_keeper,
        is_seated=mandate.state in SEATED_STATES,
        photo_url=_photo_url(actor, mandate),
        upper_links=_upper_links(mandate),
    )


def _facts(mandate: Mandate, sight: Sight) -> list[tuple[str, str]]:
    """Rows of the record sheet; private ones only for those who may read the record."""
    somebody, place = mandate.person, open_place(mandate)
    facts = [
        ("名册序号", str(mandate.list_number or "")),
        ("性别", Sex(somebody.sex).label),
        (elector_label(mandate.term), elector_name(mandate)),
        ("代表小组", f"{place.group.name} {post_label(place)}".strip() if place else "尚未编入小组"),
        ("工作单位及职务", somebody.occupation),
        ("当选", f"{_day(mandate.elected_on)}　{ElectionWay(mandate.election_way).label}"),
        ("同时担任上级代表", mandate.concurrent_seat),
    ]
    if sight < Sight.RECORD:
        return facts
    return [
        *facts[:2],
        ("民族", somebody.ethnicity),
        ("出生年月", f"{somebody.born_on.year}年{somebody.born_on.month}月"),
        ("政治面貌", somebody.get_political_status_display()),
        ("文化程度", somebody.get_education_display()),
        *facts[2:],
        ("固定联系选民", f"{mandate.fixed_contact_target}人"),
        ("通信地址", somebody.address),
        ("公开简介", somebody.introduction),
        ("备注", mandate.remark),
    ]


def _day(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _timeline(actor: Actor, mandate: Mandate) -> list[dict[str, Any]]:
    """Election, places in groups and changes of the mandate, as they happened."""
    happened = [
        {"day": mandate.elected_on, "what": "当选", "detail": ElectionWay(mandate.election_way).label}
    ]
    for place in places_of(actor, mandate):
        post = f"，任{post_label(place)}" if post_label(place) else ""
        happened.append({"day": place.starts_on, "what": f"编入{place.group.name}{post}", "detail": ""})
    for change in changes_of(actor, mandate):
        words = "；".join(part for part in (change.get_ground_display(), change.basis) if part)
        happened.append(
            {
                "day": change.effective_on,
                "what": MandateEvent(change.event).label,
                "detail": words,
                "tone": "warn",
            }
        )
    return sorted(happened, key=lambda item: item["day"])


def _contacts(actor: Actor, mandate: Mandate) -> list[Any]:
    contacts = visible_fixed_contacts(actor).filter(mandate=mandate).select_related("village")
    return list(contacts.order_by("ends_on", "starts_on", "pk"))


def _may_add_contact(actor: Actor, mandate: Mandate, sight: Sight) -> bool:
    if mandate.state not in SEATED_STATES or mandate.term.state == TermState.CLOSED:
        return False
    return sight == Sight.OWN or (actor.role in OFFICE and may_keep(actor, mandate.term))


def _actions(mandate: Mandate) -> list[tuple[str, str]]:
    """What the office may record now: label and address."""
    events = [event for event in MANDATE.events_from(mandate.state) if event != MandateEvent.END]
    return [(event.label, f"{reverse('deputies_change', args=[event])}?id={mandate.pk}") for event in events]


def _photo_url(actor: Actor, mandate: Mandate) -> str:
    photo_id = mandate.person.photo_id
    return file_url(actor, StoredFile(pk=photo_id)) if photo_id else ""


def _upper_links(mandate: Mandate) -> list[tuple[str, str]]:
    """Pages of upper floors about this deputy, by name only; those not built yet are left out."""
    links = []
    for label, name in (("履职档案", "reports_dossier"), ("年度测评", "assessments_of_deputy")):
        try:
            links.append((label, reverse(name, args=[mandate.pk])))
        except NoReverseMatch:
            continue
    return links


@for_roles(*READERS, Role.HANDLING_UNIT)
@require_safe
def card(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """What is published of one deputy."""
    actor = actor_of(request)
    mandate = get_published_mandate(actor, mandate_id)
    facts = published_facts(mandate, mandate.full_name)
    return page(
        request,
        "card.html",
        facts.full_name,
        crumbs=crumbs((facts.full_name, "")) if actor.role != Role.HANDLING_UNIT else [],
        facts=facts,
        lead=subtitle(mandate),
        photo_url=_photo_url(actor, mandate),
    )


@for_roles(*READERS)
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """Groups with their members, leaders first; numbers lead to the members."""
    actor = actor_of(request)
    term = chosen_term(request, actor)
    if term is None:
        return page(
            request,
            "roster_empty.html",
            "代表小组",
            may_set_up=_may_found(actor),
        )
    shown = published_roster(actor, term) if actor.role == Role.DEPUTY else roster(actor, term)
    members: dict[str, list[Any]] = {}
    for line in shown:
        members.setdefault(line.group, []).append(line)
    listed = [(group, members.get(group.name, [])) for group in groups_with_counts(actor, term)]
    return page(
        request,
        "groups.html",
        "代表小组",
        page_lead=str(term),
        listed=listed,
        unplaced=members.get("", []),
        today=timezone.localdate(),
        opens_records=actor.role != Role.DEPUTY,
    )
