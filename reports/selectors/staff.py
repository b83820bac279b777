"""Today's queue of the office: what is due, until when, and the one thing to do next."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse

from assessments.enums import AssessmentState, NoticeState, TalkState
from assessments.lifecycle import REPORT_OWED
from assessments.models import Assessment, FeedbackNotice, ReminderTalk
from constituents.access import (
    visible_opinions,
    visible_suggestions,
)
from constituents.enums import OpinionState, SuggestionState
from constituents.models import Opinion
from deputies.access import visible_mandates
from deputies.enums import MandateState
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE, REGISTRARS, STATION_RUNNERS, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.admin_site import Todo
from liaison.words.enums import Role
from liaison.words.masking import excerpt
from stations.enums import ParticipationState, ReceptionDayState
from stations.models import ReceptionDay
from stations.selectors import staff_counts as station_counts

# Rows of one kind shown one by one; the rest is summed up in one line.
SHOWN = 8
COMING_DAYS = 7
_NEXT = {
    OpinionState.REGISTERED: "受理",
    OpinionState.TRIAGED: "分流",
    OpinionState.RETURNED: "重新交办",
    OpinionState.PRESIDIUM_DECIDES: "研究决定",
}


def staff_queue(actor: Actor, *, today: date) -> list[Todo]:
    """Everything that waits for the acting member of staff; a fixed number of queries."""
    found: list[Todo] = []
    if actor.has_role(*STATION_RUNNERS):
        found += _opinions(actor, today)
        found += _receptions(actor, today)
        found += _records(actor, today)
    if actor.has_role(*OFFICE):
        found += _suggestions(actor)
        found += _assessments(actor)
        found += _reports(actor)
        found += _talks(actor)
    return found


def _opinions(actor: Actor, today: date) -> Iterator[Todo]:
    """Cases waiting for the office itself one by one, overdue cases of the units in sum."""
    mine = visible_opinions(actor).filter(state__in=list(_NEXT)).order_by("due_on", "received_on")
    rows = list(mine[: SHOWN + 1])
    for row in rows[:SHOWN]:
        yield _case(row)
    if len(rows) > SHOWN:
        yield _more("社情民意", _list_url("constituents_opinion", state__in=",".join(_NEXT)))
    late = (
        visible_opinions(actor)
        .filter(closed_on__isnull=True, due_on__lt=today)
        .exclude(state__in=list(_NEXT))
    )
    summary = late.aggregate(count=Count("pk"), first=Min("due_on"))
    if summary["count"]:
        url = _list_url("constituents_opinion", light="red")
        yield Todo(f"{summary['count']}件社情民意已经逾期", url, "督办", url, due_on=summary["first"])


def _case(row: Opinion) -> Todo:
    url = reverse("admin:constituents_opinion_change", args=[row.pk])
    state = OpinionState(row.state)
    return Todo(
        f"{row.number} {row.get_category_display()}：{excerpt(row.content, 24)}",
        url,
        _NEXT.get(state, "办理"),
        url,
        due_on=row.due_on,
        detail=f"{state.label}，{row.received_on:%-m月%-d日}登记",
        due_text=row.due_text,
        due_is_provisional=row.due_is_provisional,
    )


def _list_url(model: str, **query: str) -> str:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"admin:{model}_changelist") + (f"?{text}" if text else "")


def _more(what: str, url: str) -> Todo:
    return Todo(f"还有更多{what}等待办理", url, "查看全部", url)


def _receptions(actor: Actor, today: date) -> Iterator[Todo]:
    states = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
    days = ReceptionDay.scoped(actor).filter(state__in=states, day__lte=today + timedelta(days=COMING_DAYS))
    if actor.has_role(Role.STATION_CLERK):
        days = days.filter(linked("station_id", actor.station_id))
    for day in days.select_related("station").order_by("day")[:SHOWN]:
        url = reverse("admin:stations_receptionday_change", args=[day.pk])
        action = "登记到岗" if day.day <= today else "查看安排"
        yield Todo(f"{day.station.name}接待日", url, action, url, due_on=day.day, detail=day.day_text)


def _records(actor: Actor, today: date) -> Iterator[Todo]:
    """What deputies registered, disputes, leave and swaps: each line leads to exactly the rows it counts."""
    counts = station_counts(actor, today)
    if counts.unconfirmed:
        url = reverse("stations_confirm")
        yield Todo(
            f"{counts.unconfirmed}条代表登记的履职记录待核对", url, "核对", url, due_on=counts.confirm_by
        )
    if counts.disputed:
        url = _list_url("stations_participation", state=ParticipationState.OBJECTED.value)
        yield Todo(f"{counts.disputed}条履职记录有异议", url, "处理异议", url)
    if counts.lapsed:
        url = _list_url("stations_participation", state=ParticipationState.LAPSED_TO_PRESIDIUM.value)
        yield Todo(f"{counts.lapsed}条履职记录逾期未核对，待主席团核定", url, "核定", url)
    if counts.swaps:
        url = reverse("stations_swaps")
        yield Todo(f"{counts.swaps}项值班调换待批准", url, "审批", url)
    if counts.leave:
        url = _list_url("stations_leaverequest", state="requested")
        yield Todo(f"{counts.leave}份请假待批准", url, "审批", url)


def _suggestions(actor: Actor) -> Iterator[Todo]:
    waiting = {
        SuggestionState.SUBMITTED: "审查",
        SuggestionState.CHECKED: "交办",
        SuggestionState.RETURNED: "重新交办",
    }
    rows = visible_suggestions(actor).filter(state__in=list(waiting)).order_by("submitted_on")
    for row in rows[:SHOWN]:
        url = reverse("admin:constituents_suggestion_change", args=[row.pk])
        yield Todo(
            f"代表建议{row.number}《{row.title}》",
            url,
            waiting[SuggestionState(row.state)],
            url,
            due_on=row.due_on,
        )


def _assessments(actor: Actor) -> Iterator[Todo]:
    rows = Assessment.scoped(actor).exclude(state=AssessmentState.ARCHIVED).select_related("jurisdiction")
    for row in rows:
        url = reverse("admin:assessments_assessment_change", args=[row.pk])
        state = AssessmentState(row.state)
        if state in (AssessmentState.NOTICE_ISSUED, AssessmentState.RECTIFYING):
            continue
        yield Todo(
            f"{row.year}年度代表履职测评",
            url,
            "继续办理",
            url,
            due_on=row.due_on,
            detail=state.label,
            due_text=row.due_text,
        )


def _reports(actor: Actor) -> Iterator[Todo]:
    """Reports waiting for review one by one, what is owed in sum."""
    handed_in = (
        FeedbackNotice.scoped(actor).filter(state=NoticeState.REPORTED).select_related("mandate__person")
    )
    for notice in handed_in.order_by("due_on", "organ_number")[:SHOWN]:
        url = reverse("admin:assessments_feedbacknotice_change", args=[notice.pk])
        yield Todo(
            f"{notice.mandate.person.name}代表的整改报告",
            url,
            "审核",
            url,
            due_on=notice.due_on,
            due_text=notice.due_text,
        )
    owed = FeedbackNotice.scoped(actor).filter(state__in=REPORT_OWED)
    summary = owed.aggregate(count=Count("pk"), first=Min("due_on"))
    if summary["count"]:
        url = _list_url("assessments_feedbacknotice", owed="1")
        yield Todo(f"{summary['count']}份整改报告尚未收回", url, "催交", url, due_on=summary["first"])


def _talks(actor: Actor) -> Iterator[Todo]:
    rows = ReminderTalk.scoped(actor).filter(state=TalkState.DUE).select_related("mandate__person")
    for talk in rows.order_by("due_on")[:SHOWN]:
        url = reverse("admin:assessments_remindertalk_change", args=[talk.pk])
        yield Todo(
            f"与{talk.mandate.person.name}代表谈话提醒",
            url,
            "登记谈话",
            url,
            due_on=talk.due_on,
            due_text=talk.due_text,
        )


def staff_counts(actor: Actor, *, today: date) -> dict[str, int]:
    """The figures beside the doors of the back office."""
    found: dict[str, int] = {}
    if actor.has_role(*STATION_STAFF):
        found["deputies.mandate"] = visible_mandates(actor).filter(state=MandateState.ACTIVE).count()
        found["constituents.opinion"] = visible_opinions(actor).filter(closed_on__isnull=True).count()
    if actor.has_role(*REGISTRARS):
        found["assessments.feedbacknotice"] = (
            FeedbackNotice.scoped(actor).filter(Q(state__in=REPORT_OWED)).count()
        )
    return found
