"""届与会议, and 换届: prepare the next term, take over, re-elect, and let it begin with its first session."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from deputies import services
from deputies.access import (
    current_term,
    elects_own_congress,
    get_term,
    may_convene,
    nearest_congress,
    visible_constituencies,
    visible_groups,
    visible_terms,
)
from deputies.edit_forms import SessionForm
from deputies.enums import TermState
from deputies.forms import ReElectForm, SucceedForm, TermForm
from deputies.models import Congress, Mandate, Rollover, Term
from deputies.rollover_checks import rollover_checks, standing_rollover, undo_until
from deputies.selectors import full_names, sessions_of, state_counts, with_roster_parts
from deputies.views.common import READERS, crumbs, page, require_page_convener, required_term
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import REGISTRARS
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save, whole_number
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, Refused

_FOUND = (
    "设立本级人民代表大会",
    "登记本届的届次、选举日期和代表名额，本级人民代表大会随之设立；接着录入名册。",
)
_NEXT = (
    "登记新一届",
    "换届选举后即可登记并录入新一届名册；首次会议召开之日办理换届，上一届同时归档。",
)
TERM_TONES = {TermState.PREPARING: "info", TermState.CURRENT: "ok", TermState.CLOSED: "none"}


@for_roles(*READERS)
@require_safe
def term_list(request: HttpRequest) -> HttpResponse:
    """Terms of the own congress with their sessions."""
    actor = actor_of(request)
    congress = nearest_congress(actor)
    terms = visible_terms(actor).filter(congress=congress).select_related("congress__jurisdiction")
    listed = [
        (term, TermState(term.state).label, TERM_TONES[TermState(term.state)], sessions_of(actor, term))
        for term in terms.order_by("-number")
    ]
    running = current_term(actor)
    return page(
        request,
        "terms.html",
        "届与会议",
        crumbs=crumbs(("届与会议", "")),
        page_lead=congress.name if congress else "",
        congress=congress,
        recent=standing_rollover(actor, running) if running else None,
        sees_standings=actor.role == Role.COUNTY_COMMITTEE,
        listed=listed,
        running=running,
        may_convene=_may_convene(actor, congress),
        convened_by=congress.jurisdiction.short_name if congress else "",
        preparing=next((term for term, *_ in listed if term.state == TermState.PREPARING), None),
    )


def _may_convene(actor: Actor, congress: Congress | None) -> bool:
    """Of the own congress, or of the one the own place is still to found."""
    if congress is None:
        return actor.role in REGISTRARS and elects_own_congress(actor)
    return may_convene(actor, congress)


@for_roles(*REGISTRARS)
def add_session(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    term = required_term(request, actor)
    require_page_convener(actor, term)
    form = SessionForm(actor, None, request.POST or None, term=term)
    if request.method == "POST":
        made = save(request, form)
        if made is not None:
            messages.success(request, f"已登记{made}。")
            return HttpResponseRedirect(reverse("deputies_terms"))
    return page(
        request,
        "form.html",
        "登记会议",
        crumbs=crumbs(("届与会议", reverse("deputies_terms")), ("登记会议", "")),
        page_lead=f"{term}。次数按登记顺序自动编排。",
        form=form,
        submit="登记",
        cancel_url=reverse("deputies_terms"),
    )


@for_roles(*REGISTRARS)
def add_term(request: HttpRequest) -> HttpResponse:
    """The next term, or the very first one of a congress not yet set up."""
    actor = actor_of(request)
    congress, running = nearest_congress(actor), current_term(actor)
    if not _may_convene(actor, congress):
        raise Forbidden("届次和会议由选举产生本级代表的人大登记，街道不设人民代表大会。")
    initial = {"number": running.number + 1, "seats": running.seats} if running else {}
    form = TermForm(request.POST or None, initial=initial)
    if request.method == "POST":
        term = act(request, form, lambda who: _prepare(who, form))
        if term is not None:
            messages.success(request, f"已建立{term}。")
            return HttpResponseRedirect(reverse("deputies_rollover", args=[term.pk]))
    title, lead = _FOUND if congress is None else _NEXT
    return page(
        request,
        "form.html",
        title,
        crumbs=crumbs(("届与会议", reverse("deputies_terms")), (title, "")),
        page_lead=lead,
        form=form,
        submit="登记",
        cancel_url=reverse("deputies_terms"),
    )


def _prepare(actor: Actor, form: TermForm) -> Term:
    congress = nearest_congress(actor)
    if congress is None:
        place = Jurisdiction.objects.filter(scope_code=actor.lo, scope_end=actor.hi).first()
        if place is None:
            raise Refused("您的任职区域没有登记，请联系系统管理员。")
        congress = services.create_congress(actor=actor, jurisdiction_id=place.pk)
    return services.prepare_term(actor=actor, congress_id=congress.pk, **form.cleaned_data)


@for_roles(*REGISTRARS)
@require_safe
def rollover(request: HttpRequest, term_id: int) -> HttpResponse:
    """换届 step by step: what the next term has, what it still needs, and the day it begins."""
    return _rollover_page(request, get_term(actor_of(request), term_id))


def _rollover_page(
    request: HttpRequest,
    term: Term,
    *,
    re_elect_form: ReElectForm | None = None,
    succeed_form: SucceedForm | None = None,
    ticked: Collection[int] = (),
) -> HttpResponse:
    """The page, with the form that was refused as it was sent."""
    actor = actor_of(request)
    require_page_convener(actor, term)
    running = visible_terms(actor).filter(congress=term.congress, state=TermState.CURRENT).first()
    registered = sum(state_counts(actor, term).values())
    is_first = _is_first(actor, term)
    is_second = running is not None and running.pk != term.pk
    standing = standing_rollover(actor, term)
    return page(
        request,
        "rollover.html",
        f"{'本届' if is_first else '换届'}：{term}",
        crumbs=crumbs(("届与会议", reverse("deputies_terms")), ("本届" if is_first else "换届", "")),
        is_first=is_first,
        term=term,
        running=running if is_second else None,
        checks=rollover_checks(actor, running, term, timezone.localdate()) if running and is_second else [],
        rollover=standing,
        until=undo_until(standing) if standing else None,
        may_undo=standing is not None and _may_undo(standing),
        is_own=standing is not None and actor.is_self(standing.proposed_by_id),
        is_own_undo=standing is not None and actor.is_self(standing.undo_proposed_by_id),
        constituencies=visible_constituencies(actor, term).count(),
        groups=visible_groups(actor, term).count(),
        registered=registered,
        candidates=_former_deputies(actor, running, term) if running and is_second else [],
        re_elect_form=re_elect_form or ReElectForm(initial={"elected_on": term.elected_on}),
        succeed_form=succeed_form or SucceedForm(is_first=is_first, initial={"starts_on": term.starts_on}),
        ticked=ticked,
        is_open=term.state == TermState.CURRENT,
    )


def _may_undo(rollover: Rollover) -> bool:
    """Whether the days to take it back are not over."""
    until = undo_until(rollover)
    return until is not None and timezone.localdate() <= until


def _is_first(actor: Actor, term: Term) -> bool:
    """Whether no other term of its congress is known here: nothing is then archived or carried over."""
    return not visible_terms(actor).filter(congress=term.congress).exclude(pk=term.pk).exists()


def _former_deputies(actor: Actor, running: Term, term: Term) -> list[tuple[Mandate, str, bool]]:
    """Deputies of the running term, with their full names and whether they already sit in the next."""
    former = list(
        with_roster_parts(Mandate.scoped(actor).filter(term=running, ended_on__isnull=True)).order_by(
            "person__name_strokes", "pk"
        )
    )
    names = full_names(actor, former)
    again = set(Mandate.scoped(actor).filter(term=term).values_list("person_id", flat=True))
    return [(mandate, names[mandate.pk], mandate.person_id in again) for mandate in former]


@for_roles(*REGISTRARS)
@require_POST
def take_over(request: HttpRequest, term_id: int) -> HttpResponse:
    """Copy constituencies and groups of the running term."""
    actor = actor_of(request)
    term = get_term(actor, term_id)
    running = visible_terms(actor).filter(congress=term.congress, state=TermState.CURRENT).first()
    if running is None:
        raise Refused("没有可沿用的上一届，请直接登记选区和小组，或者导入名册时新建。")
    done = services.carry_over(actor=actor, from_term_id=running.pk, to_term_id=term.pk)
    messages.success(
        request, f"已沿用{len(done.constituencies)}个选区、{len(done.groups)}个小组，组长由小组另行推选。"
    )
    return HttpResponseRedirect(reverse("deputies_rollover", args=[term.pk]))


@for_roles(*REGISTRARS)
@require_POST
def re_elect(request: HttpRequest, term_id: int) -> HttpResponse:
    """Give those ticked a mandate in the next term."""
    actor = actor_of(request)
    term = get_term(actor, term_id)
    form = ReElectForm(request.POST)
    ids = [whole_number(text) for text in request.POST.getlist("id")]
    if not ids:
        form.add_error(None, "请勾选连任的代表。")
    made = act(
        request,
        form,
        lambda who: services.re_elect(
            actor=who,
            term_id=term.pk,
            mandate_ids=ids,
            elected_on=form.cleaned_data["elected_on"],
            now=timezone.now(),
        ),
    )
    if made is None:
        return _rollover_page(request, term, re_elect_form=form, ticked=ids)
    messages.success(request, f"已登记{len(made)}名代表连任。")
    return HttpResponseRedirect(reverse("deputies_rollover", args=[term.pk]))


@for_roles(*REGISTRARS)
@require_POST
def succeed(request: HttpRequest, term_id: int) -> HttpResponse:
    """The first session of the very first term has met: it begins, and nothing ends."""
    term = get_term(actor_of(request), term_id)
    form = SucceedForm(request.POST, is_first=True)
    opened = act(request, form, lambda who: _begin(who, term, form))
    if opened is not None:
        messages.success(request, f"{opened}已启用。")
        return HttpResponseRedirect(reverse("deputies_terms"))
    return _rollover_page(request, term, succeed_form=form)


def _begin(actor: Actor, term: Term, form: SucceedForm) -> Term:
    days = (form.cleaned_data["starts_on"], form.cleaned_data["ends_on"])
    return services.begin_first_term(actor=actor, term_id=term.pk, first_session=days, now=timezone.now())
