"""Today's queue of the office: what is due, until when, and the one thing to do next."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from assessments.access import visible_notices
from assessments.enums import AssessmentState, NoticeState, TalkState
from assessments.lifecycle import REPORT_OWED
from assessments.models import Assessment, FeedbackNotice, ReminderTalk
from constituents.access import (
    visible_opinions,
    visible_suggestions,
)
from constituents.enums import OpinionState, SuggestionState
from constituents.lifecycle import OPINION_WITH_UNIT
from constituents.models import Opinion, Suggestion
from deputies.access import current_term, visible_mandates
from deputies.enums import ElectionWay, MandateState
from deputies.models import DeputyGroup, GroupMembership, Mandate
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE, REGISTRARS, STATION_RUNNERS, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.admin_site import DoorCount, Todo
from liaison.words.enums import Role
from liaison.words.masking import excerpt
from stations.enums import ParticipationState, ReceptionDayState
from stations.models import Participation, ReceptionDay, StationDeputy
from stations.selectors import staff_counts as station_counts
from stations.selectors.leaving import turns_without_person

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
        found += _turns_without_person(actor, today)
        found += _receptions(actor, today)
        found += _records(actor, today)
    if actor.has_role(*OFFICE):
        found += _newly_elected(actor)
        found += _suggestions(actor)
        found += _assessments(actor)
        found += _reports(actor)
        found += _talks(actor)
    return found


def _opinions(actor: Actor, today: date) -> Iterator[Todo]:
    """Cases waiting for the office itself one by one, overdue cases of the units in sum."""
    mine = visible_opinions(actor).filter(state__in=list(_NEXT)).order_by("due_on", "received_on", "pk")
    yield from _one_by_one(mine, _case, _list_url("constituents_opinion", state__in=_any_of(_NEXT)))
    late = visible_opinions(actor).filter(state__in=list(OPINION_WITH_UNIT), due_on__lt=today)
    summary = late.aggregate(count=Count("pk"), first=Min("due_on"))
    if summary["count"]:
        url = _list_url("constituents_opinion", light="red", state__in=_any_of(OPINION_WITH_UNIT))
        yield Todo(f"{summary['count']}件社情民意已经逾期", url, "督办", url, due_on=summary["first"])


def _one_by_one(rows: QuerySet[Any], line: Callable[[Any], Todo], list_url: str) -> Iterator[Todo]:
    """The first rows of one kind; where there are more, a line that leads to all of them."""
    found = list(rows[: SHOWN + 1])
    yield from map(line, found[:SHOWN])
    if len(found) > SHOWN:
        what = rows.model._meta.verbose_name
        yield Todo(f"还有更多{what}等待办理", list_url, "查看全部", list_url)


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


def _list_url(model: str, **query: Any) -> str:
    """A list of the back office, narrowed to the rows a line counts."""
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def _any_of(states: Iterable[str]) -> str:
    return ",".join(sorted(str(state) for state in states))


def _receptions(actor: Actor, today: date) -> Iterator[Todo]:
    states = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
    last = today + timedelta(days=COMING_DAYS)
    days = ReceptionDay.scoped(actor).filter(state__in=states, day__lte=last)
    if actor.has_role(Role.STATION_CLERK):
        days = days.filter(linked("station_id", actor.station_id))

    def line(day: ReceptionDay) -> Todo:
        url = reverse("admin:stations_receptionday_change", args=[day.pk])
        action = "登记到岗" if day.day <= today else "查看安排"
        return Todo(f"{day.station.name}接待日", url, action, url, due_on=day.day, detail=day.day_text)

    url = _list_url("stations_receptionday", state__in=_any_of(states), day__lte=last)
    yield from _one_by_one(days.select_related("station").order_by("day", "pk"), line, url)


def _turns_without_person(actor: Actor, today: date) -> Iterator[Todo]:
    """Turns of deputies who have left office or are suspended: somebody has to step in by the day."""
    turns = turns_without_person(actor, today)
    if actor.has_role(Role.STATION_CLERK):
        turns = turns.filter(linked("reception_day__station_id", actor.station_id))

    def line(turn: Participation) -> Todo:
        day = turn.reception_day
        if day is None:
            raise ValueError("a turn of the rota stands on a day")
        url = f"{reverse('stations_rota_gap', args=[day.pk])}?turn={turn.pk}"
        title = f"{day.station.name}{day.day:%-m月%-d日}接待缺1人"
        why = "暂停执行代表职务" if turn.mandate.state == MandateState.SUSPENDED else "当天已不在任"
        return Todo(title, url, "安排替班", url, due_on=day.day, detail=f"{turn.mandate.full_name}{why}")

    yield from _one_by_one(turns, line, reverse("stations_rotas"))


def _newly_elected(actor: Actor) -> Iterator[Todo]:
    """By-elected deputies of the running term who have no group yet, or no station where others have one."""
    term = current_term(actor)
    elected = visible_mandates(actor).filter(
        term=term, state=MandateState.ACTIVE, election_way=ElectionWay.BY_ELECTION
    )
    elected = elected.select_related("person").order_by("elected_on", "pk")
    open_places = GroupMembership.scoped(actor).filter(ends_on__isnull=True)
    entered = StationDeputy.scoped(actor).filter(ends_on__isnull=True)

    def to_group(mandate: Mandate) -> Todo:
        url = f"{reverse('deputies_place')}?id={mandate.pk}"
        return Todo(f"{mandate.full_name}补选当选，还没有编入小组", url, "编入小组", url)

    def to_station(mandate: Mandate) -> Todo:
        url = reverse("admin:stations_station_changelist")
        return Todo(f"{mandate.full_name}补选当选，还没有进站", url, "安排进站", url)

    groups = reverse("deputies_groups")
    if DeputyGroup.scoped(actor).filter(term=term).exists():
        yield from _one_by_one(elected.exclude(pk__in=open_places.values("mandate")), to_group, groups)
    if entered.exists():
        stations = reverse("admin:stations_station_changelist")
        yield from _one_by_one(elected.exclude(pk__in=entered.values("mandate")), to_station, stations)


def _records(actor: Actor, today: date) -> Iterator[Todo]:
    """What deputies registered, disputes, leave and swaps: each line leads to exactly the rows it counts."""
    counts = station_counts(actor, today)
    if counts.unconfirmed:
        url = reverse("stations_confirm")
        yield Todo(
            f"{counts.unconfirmed}条代表登记的履职记录待核对", url, "核对", url, due_on=counts.confirm_by
        )
    if counts.disputed:
        url = _list_url("stations_participation", state__exact=ParticipationState.OBJECTED)
        yield Todo(f"{counts.disputed}条履职记录有异议", url, "处理异议", url)
    if counts.lapsed:
        url = _list_url("stations_participation", state__exact=ParticipationState.LAPSED_TO_PRESIDIUM)
        yield Todo(f"{counts.lapsed}条履职记录逾期未核对，待主席团核定", url, "核定", url)
    if counts.swaps:
        url = reverse("stations_swaps")
        yield Todo(f"{counts.swaps}项值班调换待批准", url, "审批", url)
    if counts.leave:
        url = reverse("stations_waiting_leave")
        yield Todo(f"{counts.leave}份请假待批准", url, "审批", url)


def _suggestions(actor: Actor) -> Iterator[Todo]:
    waiting = {
        SuggestionState.SUBMITTED: "审查",
        SuggestionState.CHECKED: "交办",
        SuggestionState.RETURNED: "重新交办",
    }
    rows = visible_suggestions(actor).filter(state__in=list(waiting)).order_by("submitted_on", "pk")

    def line(row: Suggestion) -> Todo:
        url = reverse("admin:constituents_suggestion_change", args=[row.pk])
        action = waiting[SuggestionState(row.state)]
        return Todo(f"代表建议{row.number}《{row.title}》", url, action, url, due_on=row.due_on)

    yield from _one_by_one(rows, line, _list_url("constituents_suggestion", state__in=_any_of(waiting)))


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
    url = _list_url("assessments_feedbacknotice", state__exact=NoticeState.REPORTED)
    yield from _one_by_one(handed_in.order_by("due_on", "organ_number", "pk"), _report, url)
    owed = FeedbackNotice.scoped(actor).filter(state__in=REPORT_OWED)
    summary = owed.aggregate(count=Count("pk"), first=Min("due_on"))
    if summary["count"]:
        url = _list_url("assessments_feedbacknotice", owed="1")
        yield Todo(f"{summary['count']}份整改报告尚未收回", url, "催交", url, due_on=summary["first"])


def _report(notice: FeedbackNotice) -> Todo:
    url = reverse("admin:assessments_feedbacknotice_change", args=[notice.pk])
    return Todo(
        f"{notice.mandate.full_name}代表的整改报告",
        url,
        "审核",
        url,
        due_on=notice.due_on,
        due_text=notice.due_text,
    )


def _talks(actor: Actor) -> Iterator[Todo]:
    rows = ReminderTalk.scoped(actor).filter(state=TalkState.DUE).select_related("mandate__person")
    url = _list_url("assessments_remindertalk", state__exact=TalkState.DUE)
    yield from _one_by_one(rows.order_by("due_on", "pk"), _talk, url)


def _talk(talk: ReminderTalk) -> Todo:
    url = reverse("admin:assessments_remindertalk_change", args=[talk.pk])
    return Todo(
        f"与{talk.mandate.full_name}代表谈话提醒",
        url,
        "登记谈话",
        url,
        due_on=talk.due_on,
        due_text=talk.due_text,
    )


def staff_counts(actor: Actor, *, today: date) -> dict[str, DoorCount]:
    """The figures beside the doors of the back office; each leads to exactly the rows it counts."""
    found: dict[str, DoorCount] = {}
    if actor.has_role(*REGISTRARS):
        seated = visible_mandates(actor).filter(state=MandateState.ACTIVE)
        term = current_term(actor)
        # The list is narrowed to the own congress's running term, where there is one.
        seated = seated.filter(term=term) if term is not None else seated
        query = {"state__exact": MandateState.ACTIVE}
        found["deputies.mandate"] = _door(seated, "资格有效{}名", query)
        owed = visible_notices(actor).filter(state__in=REPORT_OWED)
        found["assessments.feedbacknotice"] = _door(owed, "报告未收回{}份", {"owed": "1"})
    if actor.has_role(*STATION_STAFF):
        cases = visible_opinions(actor).filter(closed_on__isnull=True)
        found["constituents.opinion"] = _door(cases, "未办结{}件", {"closed_on__isnull": "1"})
    return found


def _door(rows: QuerySet[Any], words: str, query: Mapping[str, str]) -> DoorCount:
    return DoorCount(words.format(rows.count()), urlencode(query))
