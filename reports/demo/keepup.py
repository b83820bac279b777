"""The office keeps up: the last reports of the rectification reviewed, the last talk held, messages read."""

from datetime import date, datetime, timedelta

from assessments.enums import DeliveryWay, NoticeState, TalkState
from assessments.models import Assessment, FeedbackNotice, RectificationReport, ReminderTalk
from assessments.services.notices import deliver_notice
from assessments.services.rectification import review_report
from liaison.auditing import trail
from liaison.identity.access import linked
from liaison.models import Notification
from liaison.tenancy.scope import Actor, acting
from reports.demo.appraisal import hand_in, hold
from reports.demo.messages import KEPT_UNREAD
from reports.demo.township import Township, on_day

TALKED_ON = date(2026, 2, 5)
HANDED_OVER_ON, REVIEWED_BY = date(2026, 1, 22), date(2026, 2, 10)
LATE_ON, RETURNED_ON, AGAIN_ON, REVIEWED_ON = (
    date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 11), date(2026, 3, 13),
)  # fmt: skip
_TOO_SHORT = "第一项措施没有写明何时完成、由谁督促，请补充后重新提交。"


def finish_rectification(town: Township) -> None:
    """Spring 2026: what came late is handed in, one report is returned and comes again, all are accepted."""
    row = Assessment._plain.get(term=town.term, year=2025)
    for talk in ReminderTalk._plain.filter(sheet__assessment=row, state=TalkState.DUE).order_by("pk"):
        hold(town, talk, TALKED_ON)
    notices = (
        FeedbackNotice._plain.filter(assessment=row)
        .select_related("mandate__person")
        .order_by("organ_number")
    )
    owed = list(notices.filter(state__in=(NoticeState.DELIVERED, NoticeState.RETURNED)))
    for notice in owed:
        hand_in(town, notice, LATE_ON)
    for place, notice in enumerate(notices.filter(state=NoticeState.REPORTED)):
        if place == 0:
            _review(town, notice, RETURNED_ON, is_accepted=False)
            hand_in(town, notice, AGAIN_ON)
        _review(town, notice, REVIEWED_ON)


def collect_reports(town: Township) -> None:
    """洪善镇 in short: every notice handed over, every report handed in and accepted, every talk held."""
    row = Assessment._plain.get(term=town.term, year=2025)
    notices = (
        FeedbackNotice._plain.filter(assessment=row)
        .select_related("mandate__person")
        .order_by("organ_number")
    )
    for place, notice in enumerate(notices):
        name = notice.mandate.person.name
        with on_day(town.clerk, HANDED_OVER_ON, 10) as now:
            deliver_notice(
                actor=town.clerk, notice_id=notice.pk, way=DeliveryWay.IN_PERSON, received_by=name, now=now
            )
        hand_in(town, notice, HANDED_OVER_ON + timedelta(days=5 + place % 12))
        _review(town, notice, REVIEWED_BY)
    for talk in ReminderTalk._plain.filter(sheet__assessment=row, state=TalkState.DUE).order_by("pk"):
        hold(town, talk, REVIEWED_BY)


def _review(town: Township, notice: FeedbackNotice, day: date, *, is_accepted: bool = True) -> None:
    report = RectificationReport._plain.filter(notice=notice, is_submitted=True).order_by("-submission")[0]
    note = "措施具体，同意。" if is_accepted else _TOO_SHORT
    with on_day(town.chair, day, 10) as now:
        review_report(actor=town.chair, report_id=report.pk, is_accepted=is_accepted, note=note, now=now)


def read_everything(town: Township, now: datetime) -> None:
    """Deputies read their telephones, the office its desk: only the last few days are still new."""
    for reader in (*town.deputies.values(), town.clerk, town.chair):
        read_messages_of(reader, now)


def read_messages_of(reader: Actor, now: datetime) -> None:
    with acting(reader), trail.operation("read_notifications"):
        mine = Notification.scoped(reader).filter(
            linked("account_id", reader.account_id), read_at__isnull=True
        )
        mine.filter(created_at__lt=now - KEPT_UNREAD).update(read_at=now)
