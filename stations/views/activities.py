"""Activities to come and held: the organiser's list, one activity, and the forms around it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from deputies.access import current_term, led_groups, visible_groups
from deputies.enums import MandateState
from deputies.models import DeputyGroup, Mandate
from liaison.files.uploads import file_url
from liaison.identity.access import is_linked
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, ORGANISERS, REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, whole_number
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope, Refused
from stations.access import (
    get_activity,
    get_plan_item,
    may_organise,
    visible_photos,
)
from stations.enums import (
    AnswerState,
    Audience,
    DutyState,
    LeaveState,
    ParticipationState,
    ReceptionDayState,
    ShippedKind,
)
from stations.forms.records import group_choices
from stations.forms.work_plans import ArrangeForm
from stations.models import Activity, ActivityKind, Participation, WorkPlanItem
from stations.rules.lifecycle import OPEN_ACTIVITY_STATES
from stations.rules.wording import full_day_text
from stations.rules.work_plan_progress import slots_of
from stations.selectors import kinds_in_force
from stations.selectors.activities import (
    AnswerLine,
    answers_of,
    coming_activities,
    open_plan_items,
    parts_of,
    recent_activities,
    unregistered_activities,
)
from stations.services import (
    arrange_activity,
    send_invitations,
)
from stations.views.common import ACTIVITY_WORDS, CHECK_TONES, DAY_TONES, OUTCOME_TONES, crumbs, page, told
from stations.views.work_plans import audience_words

_RECENT = 30
# Receptions stand with the stations, sittings with their session, personal matters with the deputy.
_ELSEWHERE = (
    ShippedKind.RECEPTION,
    ShippedKind.SESSION,
    ShippedKind.SESSION_SPEECH,
    ShippedKind.PUBLIC_OPINION,
    ShippedKind.SUGGESTION,
)
ANSWER_TONES = {AnswerState.WAITING: "warn", AnswerState.COMING: "ok", AnswerState.DECLINED: "none"}


@for_roles(*ORGANISERS)
@require_safe
def activities(request: HttpRequest) -> HttpResponse:
    """What has to be registered, what comes, what was: each with its one next action."""
    actor, today = actor_of(request), timezone.localdate()
    return page(
        request,
        "activities.html",
        "活动安排",
        late=[_line(actor, row, today) for row in unregistered_activities(actor, today)],
        coming=[_line(actor, row, today) for row in coming_activities(actor, today)],
        recent=[_line(actor, row, today) for row in recent_activities(actor, today)[:_RECENT]],
        crumbs=crumbs(actor, ("活动安排", "")),
    )


def _line(actor: Actor, row: Any, today: date) -> dict[str, Any]:
    state = ReceptionDayState(row.state)
    organises = may_organise(actor, row.scope_code, row.group_id)
    url, word = _next_action(row, today) if organises else ("", "")
    return {
        "row": row,
        "state": ACTIVITY_WORDS[state],
        "tone": DAY_TONES[state],
        "audience": audience_words(row.audience, row.group),
        "url": reverse("stations_activity", args=[row.pk]),
        "action": word,
        "action_url": url,
        "is_late": row.ends_on < today and row.state in OPEN_ACTIVITY_STATES,
    }


def _next_action(row: Activity, today: date) -> tuple[str, str]:
    """The one thing to do next: tell, wait for answers, register, write the minutes."""
    if row.state in OPEN_ACTIVITY_STATES and row.starts_on <= today:
        return reverse("stations_activity_attendance", args=[row.pk]), "登记参加情况"
    if row.state == ReceptionDayState.PLANNED:
        return reverse("stations_activity", args=[row.pk]), "通知代表"
    if row.state == ReceptionDayState.PUBLISHED:
        return reverse("stations_activity", args=[row.pk]), "查看答复"
    if row.state == ReceptionDayState.HELD and not row.minutes:
        return reverse("stations_minutes", args=[row.pk]), "补纪要"
    return "", ""


@for_roles(*REGISTRARS, *DEPUTIES)
@require_safe
def activity(request: HttpRequest, activity_id: int) -> HttpResponse:
    """One activity: what, who answered what, who came, minutes and photos."""
    actor, today = actor_of(request), timezone.localdate()
    row = get_activity(actor, activity_id)
    state = ReceptionDayState(row.state)
    organises = may_organise(actor, row.scope_code, row.group_id)
    is_open = row.state in OPEN_ACTIVITY_STATES
    answers = answers_of(actor, row) if organises or actor.role == Role.COUNTY_COMMITTEE else []
    parts = [] if is_open else parts_of(actor, row)
    seen = parts if organises or actor.role == Role.COUNTY_COMMITTEE else _own(actor, parts)
    return page(
        request,
        "activity.html",
        row.title,
        activity=row,
        page_state=ACTIVITY_WORDS[state],
        page_tone=DAY_TONES[state],
        rows=_facts(row),
        answers=[answer_line(line) for line in answers] if is_open else [],
        counts=_counts(answers),
        phone_only=sum(not line.has_account for line in answers),
        parts=[_part(part) for part in seen],
        came=sum(part.outcome == DutyState.ATTENDED for part in parts),
        summary=row.summary.splitlines(),
        minutes=row.minutes.splitlines(),
        photos=[
            (photo, file_url(actor, photo.file), file_url(actor, photo.preview or photo.file))
            for photo in _photos(actor, row)
        ],
        organises=organises,
        is_open=is_open,
        is_planned=row.state == ReceptionDayState.PLANNED,
        is_held=row.state == ReceptionDayState.HELD,
        may_register=organises and is_open and row.starts_on <= today,
        may_send=organises and row.state == ReceptionDayState.PLANNED and row.starts_on >= today,
        sees_plan=row.plan_item_id is not None,
        crumbs=crumbs(actor, ("活动安排", reverse("stations_activities")), (row.title, ""))
        if actor.role in ORGANISERS
        else crumbs(actor, (row.title, "")),
    )


def _own(actor: Actor, parts: list[Participation]) -> list[Participation]:
    return [part for part in parts if is_linked(part.mandate.person_id, actor.person_id)]


def _photos(actor: Actor, row: Activity) -> Any:
    return visible_photos(actor).filter(activity=row).select_related("file", "preview").order_by("id")


def _facts(row: Activity) -> list[tuple[str, Any]]:
    days = full_day_text(row.starts_on)
    if row.ends_on != row.starts_on:
        days += f"至{full_day_text(row.ends_on)}"
    if row.starts_at:
        days += f"　{row.starts_at:%H:%M}"
    facts = [
        ("类别", row.kind.name),
        ("联系群众方式", row.get_contact_method_display() if row.contact_method else ""),
        ("时间", days),
        ("地点", row.place),
        ("参加范围", audience_words(row.audience, row.group)),
        ("名额", f"{row.capacity}人，自愿报名" if row.capacity else ""),
        ("答复截止", full_day_text(row.answer_by) if row.answer_by else ""),
        ("取消原因", row.call_off_reason),
    ]
    return [(label, value) for label, value in facts if value]


def _counts(answers: list[AnswerLine]) -> dict[str, int]:
    states = [line.invitation.answer for line in answers]
    return {state: states.count(state) for state in AnswerState} | {"asked": len(states)}


def answer_line(line: AnswerLine) -> dict[str, Any]:
    state = AnswerState(line.invitation.answer)
    is_excused = line.part is not None and line.part.outcome == DutyState.ON_LEAVE
    word = state.label if line.part is not None or state != AnswerState.DECLINED else "不参加"
    if state == AnswerState.DECLINED and line.part is not None:
        word = "已准假" if is_excused else (line.leave.label if line.leave else state.label)
    return {
        "line": line,
        "word": word,
        "tone": "warn" if line.leave == LeaveState.REQUESTED and not is_excused else ANSWER_TONES[state],
        "url": reverse("stations_invitation", args=[line.invitation.pk]),
    }


def _part(part: Participation) -> dict[str, Any]:
    outcome, state = DutyState(part.outcome), ParticipationState(part.state)
    words = {DutyState.ATTENDED: "到场", DutyState.ABSENT: "缺席", DutyState.ON_LEAVE: "请假"}
    return {
        "row": part,
        "outcome": words.get(outcome, "未登记"),
        "outcome_tone": OUTCOME_TONES[outcome],
        "check": state.label if outcome in words else "",
        "check_tone": CHECK_TONES[state],
        "url": reverse("stations_record", args=[part.pk]),
    }


# -- arranging -------------------------------------------------------------------------------------------


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: HttpRequest) -> HttpResponse:
    """First who is asked, then one form; saved alone or saved and told at once."""
    actor, today = actor_of(request), timezone.localdate()
    if current_term(actor) is None:
        raise Refused("本地还没有启用的一届人民代表大会，不能安排活动。")
    groups = _groups(actor)
    audience, group = _asked_audience(request, actor, groups)
    item = _asked_item(request, actor)
    form = ArrangeForm(
        actor,
        _kinds(actor, today.year),
        open_plan_items(actor, actor.lo, today.year),
        members_of(actor, group),
        request.POST or None,
        audience=audience,
        initial=_first_values(item, today),
    )
    if request.method == "POST":
        row = act(request, form, lambda who: _arrange(who, form, audience, group, "send" in request.POST))
        if row is not None:
            is_sent = row.state == ReceptionDayState.PUBLISHED
            told(request, f"已安排“{row}”{'，并已通知代表' if is_sent else '，还没有通知代表'}。")
            return redirect("stations_activity", activity_id=row.pk)
    return page(
        request,
        "arrange_activity.html",
        "安排活动",
        form=form,
        audience=audience,
        group=group,
        groups=group_choices(groups),
        may_choose_all=actor.role != Role.GROUP_LEADER,
        item=item,
        crumbs=crumbs(actor, ("活动安排", reverse("stations_activities")), ("安排活动", "")),
    )


def _groups(actor: Actor) -> list[DeputyGroup]:
    term = current_term(actor)
    found = led_groups(actor) if actor.role == Role.GROUP_LEADER else visible_groups(actor, term)
    return list(found.filter(scope_code__gte=actor.lo, scope_code__lt=actor.hi).order_by("number"))


def _asked_audience(
    request: HttpRequest, actor: Actor, groups: list[DeputyGroup]
) -> tuple[Audience, DeputyGroup | None]:
    """``who``: all, invited, or the id of a group; a group leader asks the own group."""
    asked = request.POST.get("who") or request.GET.get("who") or ""
    if actor.role == Role.GROUP_LEADER:
        if not groups:
            raise Refused("您目前没有担任小组负责人，不能安排小组活动。")
        return Audience.GROUP, next((g for g in groups if str(g.pk) == asked), groups[0])
    if asked in ("", Audience.ALL):
        return Audience.ALL, None
    if asked == Audience.INVITED:
        return Audience.INVITED, None
    group = next((one for one in groups if one.pk == whole_number(asked)), None)
    if group is None:
        raise OutOfScope()
    return Audience.GROUP, group


def _asked_item(request: HttpRequest, actor: Actor) -> WorkPlanItem | None:
    asked = request.GET.get("item", "")
    return get_plan_item(actor, whole_number(asked)) if asked else None


def _first_values(item: WorkPlanItem | None, today: date) -> dict[str, Any]:
    if item is None:
        return {}
    slots = slots_of(item.plan.year, item.months, item.starts_on, item.ends_on)
    slot = next((one for one in slots if one.last >= today), slots[-1])
    return {
        "plan_item": str(item.pk),
        "kind": item.kind.code,
        "title": item.title,
        "place": item.place,
        "starts_on": item.starts_on or (max(slot.first, today) if slot.last >= today else None),
        "ends_on": item.ends_on if item.ends_on != item.starts_on else None,
    }


def _kinds(actor: Actor, year: int) -> list[ActivityKind]:
    return [kind for kind in kinds_in_force(actor, actor.lo, year).values() if kind.code not in _ELSEWHERE]


def members_of(actor: Actor, group: DeputyGroup | None) -> QuerySet[Mandate]:
    rows = Mandate.scoped(actor).filter(
        scope_code=group.scope_code if group else actor.lo, state=MandateState.ACTIVE, ended_on__isnull=True
    )
    joined = rows.select_related("person", "constituency", "electing_unit")
    return joined.order_by("person__name_strokes", "id")


def _arrange(
    actor: Actor, form: ArrangeForm, audience: Audience, group: DeputyGroup | None, is_sent: bool
) -> Activity:
    data, now = form.cleaned_data, timezone.now()
    row = arrange_activity(
        actor=actor,
        kind_code=data["kind"],
        title=data["title"],
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
        starts_at=data["starts_at"],
        place=data["place"],
        summary=data["summary"],
        answer_by=data["answer_by"],
        capacity=data["capacity"],
        contact_method=data["contact_method"] or None,
        plan_item_id=data["plan_item"].pk if data.get("plan_item") else None,
        audience=audience,
        group_id=group.pk if group else None,
        mandate_ids=[mandate.pk for mandate in data.get("mandates", ())],
        idempotency_key=data["idempotency_key"],
        now=now,
    )
    return send_invitations(actor=actor, activity_id=row.pk, now=now) if is_sent else row


def steps(actor: Actor, row: Activity, last: str) -> list[tuple[str, str]]:
    here = reverse("stations_activity", args=[row.pk])
    return crumbs(actor, ("活动安排", reverse("stations_activities")), (row.title, here), (last, ""))
