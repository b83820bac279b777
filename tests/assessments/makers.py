"""A township's appraisal year, led through the services as an office would; times are passed in."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from assessments import services
from assessments.enums import AssessmentEvent as Event
from assessments.enums import DeliveryWay
from assessments.models import Assessment, FeedbackNotice, ScoreSheet
from assessments.scheme_data import shipped_scheme
from assessments.services import Measure, Tally
from deputies.models import Mandate, Term
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.factories import make_mandate

YEAR = 2025
# The year's end, the freeze, and the publication of the seed year.
FREEZE = datetime(2026, 1, 4, 1, 0, tzinfo=UTC)
OBJECTION = datetime(2026, 1, 8, 1, 0, tzinfo=UTC)
PUBLISH = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)
ALL_SATISFIED = Tally(issued=52, returned=50, valid=50, satisfied=50, basically_satisfied=0, dissatisfied=0)
NAMES = [
    "王建国",
    "李秀英",
    "张伟",
    "刘洋",
    "陈静",
    "杨帆",
    "赵磊",
    "黄敏",
    "周杰",
    "吴桂兰",
    "徐强",
    "孙丽",
    "马超",
    "朱红",
    "胡军",
    "郭芳",
    "何勇",
    "高翔",
    "林涛",
    "罗琴",
    "郑凯",
    "梁宇",
    "谢辉",
    "宋佳",
    "唐斌",
    "许晴",
    "韩冰",
    "冯刚",
    "邓超",
    "曹颖",
    "彭丽",
    "曾强",
    "肖军",
    "田甜",
    "董明",
    "袁野",
    "潘虹",
    "于海",
    "蒋勤",
    "蔡明",
    "余华",
    "杜鹃",
    "叶茂",
    "程功",
    "苏红",
    "魏晨",
    "吕梁",
]


def seat(term: Term, count: int) -> list[Mandate]:
    return [make_mandate(term, name) for name in NAMES[:count]]


def as_(actor: Actor, service: Any, **facts: Any) -> Any:
    """Call a service as ``actor``."""
    with acting(actor):
        return service(actor=actor, **facts)


def again(row: Any) -> Any:
    """The row as it stands in the database."""
    with acting(system_actor()):
        return type(row)._plain.get(pk=row.pk)


def rows(model: Any, **wanted: Any) -> list[Any]:
    with acting(system_actor()):
        return list(model._plain.filter(**wanted).order_by("pk"))


def adopt(clerk: Actor, code: str = "A") -> Any:
    return as_(
        clerk,
        services.adopt_scheme,
        definition=shipped_scheme(code).to_dict(),
        name="《庄子乡人大代表履职测评办法》",
    )


def opened(clerk: Actor, term: Term, code: str = "A") -> Assessment:
    scheme = adopt(clerk, code)
    return as_(clerk, services.open_assessment, term=term, year=YEAR, scheme_id=scheme.pk)


def vote(
    clerk: Actor, assessment: Assessment, mandates: Iterable[Mandate], tally: Tally = ALL_SATISFIED
) -> None:
    for mandate in mandates:
        as_(
            clerk, services.record_ballot, assessment_id=assessment.pk, mandate_id=mandate.pk,
            held_on=date(2025, 12, 20), place="乡政府会议室", tally=tally, now=FREEZE,
        )  # fmt: skip


def reconciled(clerk: Actor, assessment: Assessment) -> Assessment:
    """Frozen, computed and led into the reconciliation."""
    as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
    as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=FREEZE)
    for event in (
        Event.START_SELF,
        Event.FINISH_SELF,
        Event.FINISH_GROUP,
        Event.FINISH_BALLOT,
        Event.FINISH_REVIEW,
    ):
        as_(clerk, services.advance_assessment, assessment_id=assessment.pk, event=event, now=FREEZE)
    return again(assessment)


def objectable(clerk: Actor, assessment: Assessment) -> Assessment:
    """In the objection period, which ends on 2026-01-15."""
    reconciled(clerk, assessment)
    event = Event.FINISH_RECONCILE
    return as_(clerk, services.advance_assessment, assessment_id=assessment.pk, event=event, now=OBJECTION)


def published(clerk: Actor, chair: Actor, assessment: Assessment) -> Assessment:
    objectable(clerk, assessment)
    as_(
        chair, services.approve_results, assessment_id=assessment.pk, now=PUBLISH,
        meeting_name="庄子乡人大主席团第十二次会议", pending_reason="本年度没有补测",
    )  # fmt: skip
    return as_(chair, services.publish_assessment, assessment_id=assessment.pk, now=PUBLISH)


def issued(clerk: Actor, chair: Actor, assessment: Assessment) -> list[FeedbackNotice]:
    published(clerk, chair, assessment)
    as_(system_actor(), services.issue_notices, assessment_id=assessment.pk, now=PUBLISH)
    return rows(FeedbackNotice, assessment=assessment)


def deliver(clerk: Actor, notice: FeedbackNotice, now: datetime = PUBLISH) -> FeedbackNotice:
    way = DeliveryWay.IN_PERSON
    return as_(clerk, services.deliver_notice, notice_id=notice.pk, way=way, received_by="本人", now=now)


def hand_in(actor: Actor, notice: FeedbackNotice, now: datetime = PUBLISH + timedelta(days=3)) -> Any:
    """A complete report of one notice."""
    draft = as_(actor, services.start_report, notice_id=notice.pk, now=now)
    with acting(actor):
        sorts = list(draft.items.values_list("sort", flat=True))
    measures = [
        Measure(sort=sort, measure="每月至少走访一次选区", finish_on=date(2026, 6, 30)) for sort in sorts
    ]
    as_(
        actor, services.save_report, report_id=draft.pk, causes="时间安排不当", summary="",
        measures=measures,
    )  # fmt: skip
    return as_(actor, services.submit_report, report_id=draft.pk, now=now)


def sheet_of(of: Assessment | FeedbackNotice, mandate: Mandate) -> ScoreSheet:
    """The current sheet of a deputy, by the assessment or by one of its notices."""
    assessment_id = of.assessment_id if isinstance(of, FeedbackNotice) else of.pk
    with acting(system_actor()):
        current = ScoreSheet._plain.exclude(state="superseded")
        return current.get(assessment_id=assessment_id, mandate=mandate)
