"""The year's assessment of one township: from the ballots to the last rectification report."""

from datetime import date, timedelta
from decimal import Decimal

from assessments.enums import AssessmentEvent, DeliveryWay, Grade, NoticeState
from assessments.models import Assessment, FeedbackNotice, RectificationReport, ReminderTalk
from assessments.scheme_data import shipped_scheme
from assessments.services.cycle import (
    advance_assessment,
    approve_results,
    freeze_assessment,
    open_assessment,
)
from assessments.services.entries import Tally, record_ballot, record_extra_fact
from assessments.services.notices import (
    deliver_notice,
    issue_notices,
    open_own_notice,
    render_circular,
    render_notice,
)
from assessments.services.rectification import (
    Measure,
    review_report,
    save_report,
    start_report,
    submit_report,
)
from assessments.services.reminders import send_reminder
from assessments.services.schemes import adopt_scheme
from assessments.services.sheets import compute_sheets, publish_assessment
from assessments.services.talks import TalkRecord, hold_talk
from deputies.models import Mandate
from liaison.tenancy.scope import Actor, acting, system_actor
from reports.demo.clock import at
from reports.demo.content import RECTIFICATION_CAUSES, RECTIFICATION_MEASURES
from reports.demo.township import Township, on_day

_STEPS = (
    (AssessmentEvent.START_SELF, date(2026, 1, 5)),
    (AssessmentEvent.FINISH_SELF, date(2026, 1, 6)),
    (AssessmentEvent.FINISH_GROUP, date(2026, 1, 7)),
    (AssessmentEvent.FINISH_BALLOT, date(2026, 1, 8)),
    (AssessmentEvent.FINISH_REVIEW, date(2026, 1, 9)),
    (AssessmentEvent.FINISH_RECONCILE, date(2026, 1, 12)),
)


def prepare_assessment(town: Township, scheme_name: str, meeting_name: str) -> Assessment:
    """Everything up to the meeting's approval: one button away from publication."""
    with on_day(town.clerk, date(2025, 3, 10)) as now:
        definition = own_scheme(town)
        scheme = adopt_scheme(actor=town.clerk, definition=definition, name=scheme_name, code="ten_ones")
        row = open_assessment(actor=town.clerk, term=town.term, year=2025, scheme_id=scheme.pk)
    _take_ballots(town, row)
    _enter_extras(town, row)
    with on_day(town.clerk, date(2026, 1, 4), 17) as now:
        freeze_assessment(actor=town.clerk, assessment_id=row.pk, now=now)
        compute_sheets(actor=town.clerk, assessment_id=row.pk, now=now)
    for event, day in _STEPS:
        with on_day(town.clerk, day, 17) as now:
            advance_assessment(actor=town.clerk, assessment_id=row.pk, event=event, now=now)
    with on_day(town.clerk, date(2026, 1, 19), 17) as now:
        compute_sheets(actor=town.clerk, assessment_id=row.pk, now=now)
    with on_day(town.chair, date(2026, 1, 20), 9) as now:
        approve_results(actor=town.chair, assessment_id=row.pk, meeting_name=meeting_name, now=now)
    return row


def own_scheme(town: Township) -> dict[str, object]:
    """庄子乡 takes the shipped 十个一 scheme; 洪善镇 asks for an opinion a quarter instead of one a month."""
    definition = shipped_scheme("A").to_dict()
    if town.place.short_name == "洪善镇":
        for item in definition["items"]:
            if item["code"] == "public_opinion":
                item["name"] = "每季一条社情民意"
                item["due_per_year"] = 4
                item["params"] |= {"each": "3", "cap": 4}
    return definition


def _assessed(town: Township) -> list[Mandate]:
    rows = Mandate._plain.filter(term=town.term, scope_code=town.place.scope_code, ended_on__isnull=True)
    return list(rows.select_related("person").order_by("list_number", "pk"))


def _take_ballots(town: Township, row: Assessment) -> None:
    rng = town.rng
    for mandate in _assessed(town):
        character = town.character_of(mandate)
        issued = rng.randint(40, 56)
        returned = issued - rng.randint(0, 2)
        valid = returned - rng.randint(0, 2)
        satisfied = int(valid * min(0.98, max(0.35, character.attends - rng.uniform(0.0, 0.1))))
        basically = min(valid - satisfied, max(0, int((valid - satisfied) * 0.7)))
        with on_day(town.clerk, date(2025, 12, 18), 16) as now:
            record_ballot(
                actor=town.clerk,
                assessment_id=row.pk,
                mandate_id=mandate.pk,
                held_on=date(2025, 12, 18),
                place=f"{town.village_of(mandate)}党群服务中心",
                tally=Tally(
                    issued=issued,
                    returned=returned,
                    valid=valid,
                    satisfied=satisfied,
                    basically_satisfied=basically,
                    dissatisfied=valid - satisfied - basically,
                ),
                now=now,
            )


def _enter_extras(town: Township, row: Assessment) -> None:
    """A few commendations and the veto of the suspended mandate."""
    people = _assessed(town)
    with on_day(town.clerk, date(2025, 12, 22), 10) as now:
        for mandate in people[5::19]:
            record_extra_fact(
                actor=town.clerk,
                assessment_id=row.pk,
                mandate_id=mandate.pk,
                fact_code="commendation",
                basis="区委、区政府《关于表彰2025年度先进个人的决定》",
                happened_on=date(2025, 7, 1),
                points=Decimal(3),
                now=now,
            )


def publish(town: Township, row: Assessment, day: date) -> None:
    """Press the button, then what the worker does: issue, number, print."""
    with on_day(town.chair, day, 10) as now:
        publish_assessment(actor=town.chair, assessment_id=row.pk, now=now)
    with acting(system_actor(town.place.scope_code, town.place.scope_end, "通知书签发")) as actor:
        issue_notices(actor=actor, assessment_id=row.pk, now=at(day, 10, 1))


def render_all(town: Township, row: Assessment, day: date) -> None:
    """Print what has no PDF yet (the worker does the same, minute by minute)."""
    lo, hi = town.place.scope_code, town.place.scope_end
    for pk in _notice_ids(row, lo, hi):
        with acting(system_actor(lo, hi, "通知书签发")) as actor:
            render_notice(actor=actor, notice_id=pk, now=at(day, 10, 5))
    with acting(system_actor(lo, hi, "通知书签发")) as actor:
        render_circular(actor=actor, circular_id=row.circular.pk, now=at(day, 10, 6))


def _notice_ids(row: Assessment, lo: int, hi: int) -> list[int]:
    with acting(system_actor(lo, hi)):
        return list(
            FeedbackNotice._plain.filter(assessment=row).order_by("organ_number").values_list("pk", flat=True)
        )


def rectify(town: Township, row: Assessment, today: date) -> None:
    """Delivery, reports before and after 春节, a few returned, a few late, the talks."""
    lo, hi = town.place.scope_code, town.place.scope_end
    with acting(system_actor(lo, hi)):
        notices = list(
            FeedbackNotice._plain.filter(assessment=row)
            .select_related("mandate__person")
            .order_by("organ_number")
        )
    for position, notice in enumerate(notices):
        _receive(town, notice, position)
    for position, notice in enumerate(notices):
        if position % 12 != 11:
            _report(town, notice, position)
    _talk(town, row)
    for day in (date(2026, 2, 13), date(2026, 2, 24), date(2026, 2, 25), date(2026, 3, 3)):
        if day <= today:
            _remind(town, notices, day)


def _receive(town: Township, notice: FeedbackNotice, position: int) -> None:
    if position % 3 == 0:
        with on_day(town.clerk, date(2026, 1, 22), 10) as now:
            deliver_notice(
                actor=town.clerk,
                notice_id=notice.pk,
                way=DeliveryWay.IN_PERSON,
                received_by=notice.mandate.person.name,
                now=now,
            )
        return
    actor = town.actor_of(notice.mandate)
    with on_day(actor, date(2026, 1, 21), 19) as now:
        open_own_notice(actor=actor, notice_id=notice.pk, now=now)


def _report(town: Township, notice: FeedbackNotice, position: int) -> None:
    day = date(2026, 1, 26) + timedelta(days=position % 14)
    report = hand_in(town, notice, day)
    if position % 9 == 4:
        with on_day(town.chair, day + timedelta(days=1), 10) as now:
            note = "措施不够具体，请写明次数和时间后重新提交。"
            review_report(actor=town.chair, report_id=report.pk, is_accepted=False, note=note, now=now)
        report = hand_in(town, notice, day + timedelta(days=3))
    if position % 7 != 6:
        with on_day(town.chair, day + timedelta(days=4), 10) as now:
            review_report(
                actor=town.chair, report_id=report.pk, is_accepted=True, note="措施具体，同意。", now=now
            )


def hand_in(town: Township, notice: FeedbackNotice, day: date) -> RectificationReport:
    """The deputy fills in the report in the evening and hands it in."""
    actor = town.actor_of(notice.mandate)
    with on_day(actor, day, 20) as now:
        report = start_report(actor=actor, notice_id=notice.pk, now=now)
        _fill(town, report, actor)
        return submit_report(actor=actor, report_id=report.pk, now=now)


def _fill(town: Township, report: RectificationReport, actor: Actor) -> None:
    rng = town.rng
    measures = [
        Measure(
            sort=item.sort,
            measure=RECTIFICATION_MEASURES[item.sort % len(RECTIFICATION_MEASURES)],
            finish_on=date(2026, 6, 30),
            progress="",
        )
        for item in report.items.order_by("sort")
    ]
    save_report(
        actor=actor, report_id=report.pk, causes=rng.choice(RECTIFICATION_CAUSES), summary="", measures=measures
    )  # fmt: skip


def _talk(town: Township, row: Assessment) -> None:
    with acting(town.chair):
        talks = list(ReminderTalk._plain.filter(sheet__assessment=row, sheet__grade=Grade.UNQUALIFIED))
    for talk in talks[:-1]:
        hold(town, talk, date(2026, 1, 29))


def hold(town: Township, talk: ReminderTalk, day: date) -> None:
    """谈话提醒 by the chair, recorded by the clerk."""
    record = TalkRecord(
        held_at=at(day, 15),
        place="乡人大主席办公室",
        talked_by=town.chair.display_name,
        recorder=town.clerk.display_name,
        content="肯定履职中的有益做法，指出接待选民、走访选区次数不足的问题，提醒增强代表意识，按时提交整改报告。",
        response="虚心接受提醒，分析了原因，表示将妥善安排时间，按月完成联系群众任务。",
    )
    with on_day(town.chair, day, 17) as now:
        hold_talk(actor=town.chair, talk_id=talk.pk, record=record, now=now)


def _remind(town: Township, notices: list[FeedbackNotice], day: date) -> None:
    lo, hi = town.place.scope_code, town.place.scope_end
    owed = {NoticeState.ISSUED.value, NoticeState.DELIVERED.value, NoticeState.RETURNED.value}
    with acting(system_actor(lo, hi)):
        open_ids = FeedbackNotice._plain.filter(pk__in=[n.pk for n in notices], state__in=owed)
        ids = list(open_ids.values_list("pk", flat=True))
    for pk in ids:
        with acting(system_actor(0, 10**12, "整改期限提醒")) as actor:
            send_reminder(actor=actor, notice_id=pk, now=at(day, 9))
