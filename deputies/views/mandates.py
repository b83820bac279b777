"""Writing pages about single deputies: decisions, places in groups, enrolment, contacts, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from deputies import services
from deputies.access import (
    get_mandate,
    get_person,
    mandate_of,
    require_unconcerned,
    visible_fixed_contacts,
    visible_mandates,
)
from deputies.edit_forms import OwnContactForm, stored_photo
from deputies.enums import ElectionWay, GroupPost, MandateEvent
from deputies.forms import (
    ChangeForm,
    ContactForm,
    EndContactForm,
    EnrolForm,
    PlaceForm,
    RevealForm,
)
from deputies.lifecycle import MANDATE
from deputies.models import FixedContact, Mandate
from deputies.selectors import full_names, open_place, places_held
from deputies.views.common import (
    crumbs,
    named,
    page,
    person_url,
    require_page_keeper,
    required_term,
    subtitle,
)
from liaison import hooks
from liaison.hooks import Held
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web.forms import ServiceForm
from liaison.web.pages import act, save, whole_number
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope, Refused

MOST_AT_ONCE = 200
# What each decision means for the deputy, said before it is recorded (ui.md: the consequence in words).
CONSEQUENCES = {
    MandateEvent.SUSPEND: "暂停期间保留代表资格和小组，年度测评不计这段时间；恢复后继续履职。",
    MandateEvent.RESTORE: "自生效之日起恢复执行代表职务。",
    MandateEvent.RESIGN: "登记后席位出缺，退出代表小组，联系选民同时终结；不能撤回，只能补选。",
    MandateEvent.RECALL: "登记后席位出缺，退出代表小组；不能撤回，只能补选。",
    MandateEvent.TERMINATE: "登记后席位出缺，退出代表小组；代表资格终止由代表大会公告，系统只作登记。",
    MandateEvent.RECORD_DEATH: "登记后席位出缺，退出代表小组。",
}
_ENDINGS = frozenset(
    {MandateEvent.RESIGN, MandateEvent.RECALL, MandateEvent.TERMINATE, MandateEvent.RECORD_DEATH}
)


def selected_mandates(request: HttpRequest, actor: Actor) -> list[Mandate]:
    """The deputies named in the address or the form; all of one term. ``OutOfScope`` for any other."""
    source = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(whole_number(text) for text in source.getlist("id")))
    if not ids:
        raise Refused("没有选择代表，请回到名册选择后再办理。")
    if len(ids) > MOST_AT_ONCE:
        raise Refused(f"一次最多办理{MOST_AT_ONCE}名代表，请分批选择。")
    joined = visible_mandates(actor).select_related(
        "person", "term__congress__jurisdiction", "constituency", "electing_unit"
    )
    found = list(joined.filter(pk__in=ids).order_by("list_number", "pk"))
    if len(found) != len(ids):
        raise OutOfScope()
    if len({mandate.term_id for mandate in found}) > 1:
        raise Refused("所选代表分属不同的届，请分别办理。")
    require_page_keeper(actor, found[0].term)
    return found


@for_roles(*REGISTRARS)
def change(request: HttpRequest, event: str) -> HttpResponse:
    """Record a decision about one or several seats; all of them or none."""
    actor = actor_of(request)
    if event not in MandateEvent.values() or event == MandateEvent.END:
        raise OutOfScope("没有这项办理。")
    what = MandateEvent(event)
    chosen = selected_mandates(request, actor)
    require_unconcerned(actor, *chosen)
    for mandate in chosen:
        MANDATE.next_state(mandate.state, what)
    form = ChangeForm(what, request.POST or None)
    if request.method == "POST":
        done = act(request, form, lambda who: _change_all(who, chosen, what, form))
        if done is not None:
            messages.success(request, f"已登记{len(done)}名代表“{what.label}”。")
            return _back(chosen)
    is_ending = what in _ENDINGS
    held = _held(actor, chosen, is_ending) if is_ending or what == MandateEvent.SUSPEND else []
    return _action_page(request, actor, chosen, form, what.label, CONSEQUENCES[what], is_ending, held)


def _held(actor: Actor, chosen: Sequence[Mandate], is_ending: bool) -> list[Held]:
    """Everything the deputies have in hand, on every floor, said before the decision is recorded."""
    found = places_held(actor, chosen) if is_ending else []
    ids = [mandate.pk for mandate in chosen]
    for held in hooks.held_by:
        found += held(actor, ids, timezone.localdate())
    return found


def _change_all(
    actor: Actor, chosen: Sequence[Mandate], event: MandateEvent, form: ChangeForm
) -> list[Mandate]:
    now, facts = timezone.now(), form.cleaned_data
    return [
        services.change_mandate(actor=actor, mandate_id=mandate.pk, event=event, now=now, **facts)
        for mandate in chosen
    ]


@for_roles(*REGISTRARS)
def place(request: HttpRequest) -> HttpResponse:
    """Move deputies to a group, or give one another post."""
    actor = actor_of(request)
    chosen = selected_mandates(request, actor)
    form = PlaceForm(actor, chosen[0].term, request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST":
        done = act(request, form, lambda who: _place_all(who, chosen, form))
        if done is not None:
            messages.success(request, f"已调整{done}名代表的小组或者职务。")
            return _back(chosen)
    words = "原来的小组和职务自起始日期起终结，经过保留在履职经历中。"
    return _action_page(request, actor, chosen, form, "调整小组和职务", words, False)


def _place_all(actor: Actor, chosen: Sequence[Mandate], form: PlaceForm) -> int:
    given, now = form.cleaned_data, timezone.now()
    for mandate in chosen:
        held = open_place(mandate)
        group_id = given["group"].pk if given["group"] else held.group_id if held else None
        if group_id is None:
            raise Refused(f"{mandate.full_name}还没有编入小组，请先选择小组。")
        kept = held.post if held and not given["group"] else GroupPost.MEMBER
        services.place_in_group(
            actor=actor,
            mandate_id=mandate.pk,
            group_id=group_id,
            post=given["post"] or kept,
            starts_on=given["starts_on"],
            now=now,
        )
    return len(chosen)


def _action_page(
    request: HttpRequest,
    actor: Actor,
    chosen: Sequence[Mandate],
    form: ServiceForm,
    title: str,
    consequence: str,
    is_ending: bool,
    held: Sequence[Held] = (),
) -> HttpResponse:
    names = full_names(actor, chosen)
    return page(
        request,
        "action.html",
        title,
        crumbs=crumbs((title, "")),
        form=form,
        chosen=[(mandate, names[mandate.pk]) for mandate in chosen],
        consequence=consequence,
        is_ending=is_ending,
        held=held,
        cancel_url=person_url(chosen[0]) if len(chosen) == 1 else reverse("deputies_roster"),
    )


def _back(chosen: Sequence[Mandate]) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        person_url(chosen[0])
        if len(chosen) == 1
        else f"{reverse('deputies_roster')}?term={chosen[0].term_id}"
    )


@for_roles(*REGISTRARS)
def enrol(request: HttpRequest) -> HttpResponse:
    """登记代表; a by-election unless the term is still being prepared."""
    actor = actor_of(request)
    term = required_term(request, actor)
    require_page_keeper(actor, term)
    initial = {"ethnicity": "汉族", "election_way": ElectionWay.BY_ELECTION}
    form = EnrolForm(actor, term, request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST":
        mandate = act(request, form, lambda who: _enrol(who, term.pk, form))
        if mandate is not None:
            messages.success(
                request, f"已登记{mandate.full_name}为{term}代表，名册第{mandate.list_number}号。"
            )
            return HttpResponseRedirect(person_url(mandate))
    return page(
        request,
        "form.html",
        "登记代表",
        crumbs=crumbs(("登记代表", "")),
        page_lead=f"{term}，补选或者漏登的代表。整批登记请用名册导入。",
        form=form,
        submit="登记",
        cancel_url=reverse("deputies_roster"),
        consequence="登记后即为在任代表，可编入小组、排班和登记履职。",
        draft="deputies-enrol",
    )


def _enrol(actor: Actor, term_id: int, form: EnrolForm) -> Mandate:
    now, given = timezone.now(), form.cleaned_data
    person = form.person_values() | stored_photo(form, actor.lo, now)
    return services.enrol_deputy(
        actor=actor,
        term_id=term_id,
        person=person,
        seat=form.seat_values(),
        group_id=given["group"].pk if given.get("group") else None,
        post=given["post"],
        now=now,
    )


@for_roles(*REGISTRARS, Role.GROUP_LEADER)
def reveal(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """The full telephone number, for a reason that stays in the audit trail."""
    actor = actor_of(request)
    mandate = get_mandate(actor, mandate_id)
    form = RevealForm(request.POST or None)
    revealed = None
    if request.method == "POST":
        revealed = act(
            request,
            form,
            lambda who: services.reveal_phone(
                actor=who,
                person_id=mandate.person_id,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            ),
        )
    return page(
        request,
        "reveal.html",
        "查看完整联系电话",
        crumbs=crumbs((mandate.full_name, person_url(mandate)), ("查看联系电话", "")),
        what="联系电话",
        subject=f"{named(actor, mandate)}　{subtitle(mandate)}",
        form=form,
        revealed=revealed or ("未登记" if revealed is not None else None),
        back_url=person_url(mandate),
    )


@for_roles(*DEPUTIES)
def own_contact(request: HttpRequest) -> HttpResponse:
    """A deputy's own number and address."""
    actor = actor_of(request)
    mandate = mandate_of(actor)
    if mandate is None:
        raise Refused("您的账号没有关联本届代表登记，请联系人大工作人员。")
    somebody = get_person(actor, mandate.person_id)
    form = OwnContactForm(actor, somebody, request.POST or None)
    if request.method == "POST" and save(request, form) is not None:
        messages.success(request, "您的联系方式已更新。")
        return HttpResponseRedirect(person_url(mandate))
    return page(
        request,
        "form.html",
        "修改我的联系方式",
        crumbs=crumbs((mandate.full_name, person_url(mandate)), ("联系方式", "")),
        page_lead="其他登记内容如有错误，请告知人大工作人员更正。",
        form=form,
        submit="保存",
        cancel_url=person_url(mandate),
    )


@for_roles(*REGISTRARS, *DEPUTIES)
def add_contact(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """Enter a voter the deputy keeps in touch with."""
    actor = actor_of(request)
    mandate = get_mandate(actor, mandate_id)
    services.require_contact_keeper(actor, mandate)
    form = ContactForm(actor, request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST":
        made = act(request, form, lambda who: _add_contact(who, mandate, form.cleaned_data))
        if made is not None:
            messages.success(request, "已登记联系选民。")
            return HttpResponseRedirect(person_url(mandate))
    return page(
        request,
        "form.html",
        "登记固定联系选民",
        crumbs=crumbs((mandate.full_name, person_url(mandate)), ("固定联系选民", "")),
        page_lead=f"{named(actor, mandate)}　{subtitle(mandate)}。选民信息只有代表本人和本级人大可见。",
        form=form,
        submit="登记",
        cancel_url=person_url(mandate),
    )


def _add_contact(actor: Actor, mandate: Mandate, given: dict[str, Any]) -> FixedContact:
    return services.add_fixed_contact(
        actor=actor,
        mandate_id=mandate.pk,
        name=given["name"],
        phone=given["phone"],
        village_id=given["village"].pk if given["village"] else None,
        starts_on=given["starts_on"],
        now=timezone.now(),
    )


@for_roles(*REGISTRARS, *DEPUTIES)
def end_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """End a contact; the entry stays in the record."""
    actor = actor_of(request)
    contact = (
        visible_fixed_contacts(actor)
        .filter(pk=contact_id)
        .select_related("mandate__person", "mandate__term")
        .first()
    )
    if contact is None:
        raise OutOfScope()
    services.require_contact_keeper(actor, contact.mandate)
    form = EndContactForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    back = person_url(contact.mandate)
    if request.method == "POST":
        ended = act(
            request,
            form,
            lambda who: services.end_fixed_contact(
                actor=who, contact_id=contact.pk, now=timezone.now(), **form.cleaned_data
            ),
        )
        if ended is not None:
            messages.success(request, "已结束联系，经过仍保留。")
            return HttpResponseRedirect(back)
    return page(
        request,
        "form.html",
        "结束固定联系",
        crumbs=crumbs((contact.mandate.full_name, back), ("固定联系选民", "")),
        page_lead=f"联系选民：{contact.name}",
        form=form,
        submit="结束联系",
        cancel_url=back,
    )
