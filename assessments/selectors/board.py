"""Where a year stands: the steps gone through, what is missing, and the one thing to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from assessments.access import visible_ballots, visible_objections, visible_sheets
from assessments.enums import AssessmentEvent as Event
from assessments.enums import AssessmentState as State
from assessments.lifecycle import ASSESSMENT, COMPUTABLE, OBJECTION, RECORDABLE, RESULT_STATES
from assessments.models import Assessment, AssessmentStep
from assessments.scoring import Ballot, SchemeRules
from assessments.selectors.facts import assessed_mandates, has_left
from assessments.selectors.results import notice_counts
from liaison.tenancy.scope import Actor

# The steps as a clerk counts them. 复核 is only gone through when somebody objected.
_SHOWN = (
    State.DRAFT, State.FROZEN, State.SELF, State.GROUP, State.BALLOT, State.PRESIDIUM_REVIEW, State.RECONCILE,
    State.OBJECTION, State.APPROVED, State.CIRCULATED, State.RECTIFYING, State.ARCHIVED,
)  # fmt: skip
_NAMES: Mapping[State, str] = {State.DRAFT: "录入", State.APPROVED: "会议审定", State.CIRCULATED: "通报"}
_AS = {State.RECHECK: State.OBJECTION, State.NOTICE_ISSUED: State.CIRCULATED}

# What pressing the button does, said before it is pressed (ui.md: the consequence in words).
CONSEQUENCES: Mapping[Event, str] = MappingProxyType(
    {
        Event.FREEZE: "截止后测评办法锁定，按已登记的履职记录计算得分；审定前仍可更正记录并重新计算。",
        Event.UNFREEZE: "退回录入阶段，已计算的得分保留，重新截止后再计算。",
        Event.START_SELF: "代表开始对照测评办法自评。",
        Event.FINISH_SELF: "转入代表小组评议。",
        Event.SKIP_SELF: "不进行个人自评，直接转入小组评议；理由记入测评进程。",
        Event.FINISH_GROUP: "转入选民测评。",
        Event.SKIP_GROUP: "不进行小组评议，直接转入选民测评；理由记入测评进程。",
        Event.FINISH_BALLOT: "转入主席团审核，请先登记测评票。",
        Event.SKIP_BALLOT: "不进行选民测评，该项按测评办法折算；理由记入测评进程。",
        Event.FINISH_REVIEW: "代表本人可以看到自己的得分明细并核对。",
        Event.FINISH_RECONCILE: "异议期从次日起算，代表可在期内提出异议。",
        Event.SKIP_RECONCILE: "不设核对期，异议期从次日起算；理由记入测评进程。",
        Event.START_RECHECK: "异议期满后复核已提出的异议。",
        Event.APPROVE: "审定后不再重新计算；确有错误的，只能办理更正。",
        Event.APPROVE_UNOPPOSED: "审定后不再重新计算；确有错误的，只能办理更正。",
        Event.CIRCULATE: "每名代表的得分即告确定，系统随即编号、打印反馈通知书和通报，代表可以查收。",
        Event.ARCHIVE: "本年度测评办结归档，此后只能查阅。",
    }
)


@dataclass(frozen=True, slots=True)
class Check:
    """Something the office should look at before going on; ``is_done`` or with what is missing."""

    label: str
    is_done: bool
    detail: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    event: Event
    label: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Chase:
    """Work on single notices that comes before the year can be closed; ``query`` narrows their list."""

    label: str
    query: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Board:
    """The task page of one year."""

    steps: list[dict[str, str]]
    primary: Action | None
    chase: Chase | None
    others: list[Action]
    checks: list[Check]
    may_compute: bool
    may_record: bool
    history: list[AssessmentStep]
    notices: Mapping[str, int] = field(default_factory=dict)


def board_of(actor: Actor, assessment: Assessment, today: date) -> Board:
    """The whole board; a fixed number of queries."""
    state = State(assessment.state)
    actions = [Action(e, e.label, CONSEQUENCES[e]) for e in _events(actor, assessment) if e in CONSEQUENCES]
    notices = notice_counts(actor, assessment, today) if assessment.published_at else {}
    chase = _chase(notices) if state == State.RECTIFYING else None
    return Board(
        steps=_steps(state),
        primary=actions[0] if actions and chase is None else None,
        chase=chase,
        others=actions[1:],
        checks=[] if state in RESULT_STATES else _checks(actor, assessment, today),
        may_compute=state in COMPUTABLE,
        may_record=state in RECORDABLE,
        history=_history(actor, assessment),
        notices=notices,
    )


def _chase(notices: Mapping[str, int]) -> Chase | None:
    """Reports to review first, then reports to collect, the overdue ones before the others."""
    if waiting := notices["waiting"]:
        told = "审核结果即时告知代表本人。"
        return Chase(f"审核整改报告（{waiting}份）", "state__exact=reported", told)
    if overdue := notices["overdue"]:
        told = "系统已提醒代表本人和主席；仍不提交的，在通知书页面登记未提交。"
        return Chase(f"催交逾期整改报告（{overdue}份）", "owed=late", told)
    if owed := notices["owed"]:
        told = "到期前5日、1日系统自动提醒代表本人。"
        return Chase(f"查看尚未收回的整改报告（{owed}份）", "owed=1", told)
    return None


def _steps(state: State) -> list[dict[str, str]]:
    here = _SHOWN.index(_AS.get(state, state))
    marks = ["done" if place < here else "now" if place == here else "" for place in range(len(_SHOWN))]
    if state == State.ARCHIVED:
        marks[-1] = "done"
    return [
        {"label": _NAMES.get(step, step.label), "state": mark}
        for step, mark in zip(_SHOWN, marks, strict=True)
    ]


def _events(actor: Actor, assessment: Assessment) -> list[Event]:
    """What may be done now, the natural step first: an objection makes the recheck the natural one."""
    events = list(ASSESSMENT.events_from(assessment.state))
    if assessment.state == State.OBJECTION and not _open_objections(actor, assessment):
        events.sort(key=lambda event: event != Event.APPROVE_UNOPPOSED)
    return events


def _open_objections(actor: Actor, assessment: Assessment) -> int:
    rows = visible_objections(actor).filter(sheet__assessment=assessment, state__in=OBJECTION.open_states)
    return rows.count()


def _checks(actor: Actor, assessment: Assessment, today: date) -> list[Check]:
    rules = SchemeRules.from_dict(assessment.scheme.definition)
    sheets = visible_sheets(actor).filter(assessment=assessment)
    mandates = assessed_mandates(actor, assessment)
    total = sum(not has_left(mandate, assessment) for mandate in mandates)
    found = []
    if any(isinstance(item.params, Ballot) for item in rules.items):
        voted = visible_ballots(actor).filter(assessment=assessment).count()
        told = f"已登记{voted}名，应登记{total}名"
        found.append(Check("选民测评票", voted >= total, told, "ballots"))
    computed = sheets.count()
    found.append(
        Check("计算得分", computed > 0, f"已计算{computed}名" if computed else "尚未计算", "results")
    )
    if computed and (pending := sheets.filter(pending_count__gt=0).count()):
        found.append(Check("待评事项", False, f"{pending}名代表的评分或测评票尚未登记", "results"))
    if objections := _open_objections(actor, assessment):
        found.append(Check("异议", False, f"{objections}件待复核", "objections"))
    if assessment.state == State.OBJECTION and assessment.due_on:
        is_over = today > assessment.due_on
        left = f"到{assessment.due_on:%-m月%-d日}期满，期满后可以审定"
        found.append(Check("异议期", is_over, "已期满" if is_over else left))
    return found


def _history(actor: Actor, assessment: Assessment) -> list[AssessmentStep]:
    rows = AssessmentStep.scoped(actor).filter(assessment=assessment).select_related("done_by")
    return list(rows.order_by("-done_at", "-pk"))
