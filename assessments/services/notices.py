"""《履职测评结果反馈通知书》: one numbered letter per deputy, made from published rows, served once.

A published assessment without notices is the job; an issued notice without a PDF is the next. Each step
may be done twice, by two workers at once, or after a crash, and changes nothing the second time.
"""

import logging
from datetime import date, datetime, time

from django.db.models import QuerySet
from django.urls import reverse

from assessments.access import (
    get_notice,
)
from assessments.documents.letters import circular_form, notice_form
from assessments.enums import AssessmentEvent, DeliveryWay, Grade, NoticeEvent, NoticeState, SheetState
from assessments.lifecycle import NOTICE
from assessments.models import Assessment, Circular, FeedbackNotice, NoticeStep, ReminderTalk, ScoreSheet
from assessments.scoring import SchemeRules
from assessments.services.cycle import move
from liaison.auditing import trail
from liaison.calendar.deadlines import due
from liaison.calendar.workdays import CHINA, WorkCalendar, china_date
from liaison.calendar.working import policy_for, policy_of, put_deadline, working_calendar
from liaison.documents.numbering import next_number, next_serial
from liaison.documents.pdf import render_document
from liaison.files.uploads import store_bytes
from liaison.identity.access import is_linked
from liaison.identity.roles import OFFICE
from liaison.messages.outbox import notify
from liaison.models import StoredFile
from liaison.tenancy.scope import Actor
from liaison.words.enums import FileKind, Role
from liaison.words.errors import Forbidden, Refused
from liaison.words.limits import fitted, fitted_line

log = logging.getLogger(__name__)

PDF = "application/pdf"
_OBJECTION_COLUMNS = ("objection_due_on", "objection_is_provisional")


def issue_notices(*, actor: Actor, assessment_id: int, now: datetime) -> int:
    """Number and date a notice for every published sheet, open the talks, number the circular.

    All in one transaction under the assessment's lock, in the order names are listed (按姓氏笔画), so that
    the sequence has no gap and a second call finds nothing to do. Called again after a correction it serves
    only the new version. Returns how many notices were issued.
    """
    with trail.operation("issue_notices"):
        row = Assessment.scoped(actor).select_for_update(of=("self",)).get(pk=assessment_id)
        if row.published_at is None:
            raise Refused("测评结果尚未公布，不能签发通知书。")
        sheets = list(_unserved(actor, row))
        _issue(actor, row, sheets, now)
        _open_talks(row, sheets, now)
        if row.notices_issued_at is None:
            _number_circular(row, now)
            row.notices_issued_at = now
            issued = ("notices_issued_at",)
            move(actor=actor, assessment=row, event=AssessmentEvent.ISSUE_NOTICES, now=now, changed=issued)
            move(actor=actor, assessment=row, event=AssessmentEvent.START_RECTIFYING, now=now)
        return len(sheets)


def _unserved(actor: Actor, row: Assessment) -> QuerySet[ScoreSheet]:
    """Published sheets without a notice; who is 不参评 has no score to be told."""
    sheets = ScoreSheet.scoped(actor).filter(assessment=row, state=SheetState.PUBLISHED, notice__isnull=True)
    sheets = sheets.exclude(grade=Grade.NOT_RATED)
    return sheets.select_related("mandate__person").order_by("mandate__person__name_strokes", "mandate_id")


def _issue(actor: Actor, row: Assessment, sheets: list[ScoreSheet], now: datetime) -> None:
    calendar = working_calendar()
    rectification = policy_for("rectification", row.scope_code)
    # Printed on every notice: whoever holds one can tell whether the trail up to here was rewritten.
    head = trail.chain_end(actor, row.scope_code)
    for sheet in sheets:
        notice = _numbered(row, sheet, now)
        notice.chain_head = head
        put_deadline(notice, policy=rectification, starts_on=notice.issued_on, calendar=calendar)
        notice.save(force_insert=True)
        _first_step(actor, notice, now)


def _numbered(row: Assessment, sheet: ScoreSheet, now: datetime) -> FeedbackNotice:
    today, code = china_date(now), document_code(row)
    return FeedbackNotice(
        scope_code=row.scope_code,
        assessment=row,
        sheet=sheet,
        mandate_id=sheet.mandate_id,
        organ_code=code,
        organ_year=today.year,
        organ_number=next_number(scope_code=row.scope_code, code=code, year=today.year),
        issued_on=today,
    )


def document_code(row: Assessment) -> str:
    """机关代字 of the issuing organ; ``Refused`` until it is set, a number without it would be nobody's."""
    if not row.jurisdiction.document_code:
        raise Refused(f"{row.jurisdiction}尚未设置机关代字，请系统管理员在区域信息中填写后再发文。")
    return str(row.jurisdiction.document_code)


def _first_step(actor: Actor, notice: FeedbackNotice, now: datetime) -> None:
    NoticeStep._plain.create(
        scope_code=notice.scope_code,
        notice=notice,
        to_state=notice.state,
        note=notice.document_number,
        done_by_id=actor.account_id,
        done_at=now,
    )


def _open_talks(row: Assessment, sheets: list[ScoreSheet], now: datetime) -> None:
    """The lowest grade (不合格) also gets a 谈话提醒 [seed]."""
    policy, calendar = policy_for("reminder_talk", row.scope_code), working_calendar()
    lowest, today = SchemeRules.from_dict(row.scheme.definition).grades[-1].code, china_date(now)
    for sheet in sheets:
        if sheet.grade != lowest:
            continue
        talk = ReminderTalk(
            scope_code=row.scope_code,
            sheet=sheet,
            mandate_id=sheet.mandate_id,
            record_number=next_serial(scope_code=row.scope_code, code="谈话提醒", year=today.year),
            reason=f"{row.year}年度代表履职测评得分{sheet.total}分，等次为{sheet.grade_name}",
        )
        put_deadline(talk, policy=policy, starts_on=today, calendar=calendar)
        talk.save(force_insert=True)


def _number_circular(row: Assessment, now: datetime) -> None:
    today, code = china_date(now), document_code(row)
    Circular._plain.create(
        scope_code=row.scope_code,
        assessment=row,
        organ_code=code,
        organ_year=today.year,
        organ_number=next_number(scope_code=row.scope_code, code=code, year=today.year),
        issued_on=today,
    )


def render_notice(*, actor: Actor, notice_id: int, now: datetime) -> bool:
    """Make the PDF of one notice and tell the deputy; ``False`` when it was there already.

    The row is locked, so two workers never store two files; a file left by a crash before the commit
    belongs to no row and is never served.
    """
    with trail.operation("render_notice"):
        locked = FeedbackNotice.scoped(actor).select_for_update(of=("self",), skip_locked=True)
        notice = locked.filter(pk=notice_id, rendered_at__isnull=True).first()
        if notice is None:
            return False
        form = notice_form(actor, notice)
        data = render_document(form, author=form.organ, created_at=printed_at(notice.issued_on))
        notice.pdf = _keep(data, f"{form.file_title}.pdf", notice.scope_code, now)
        notice.rendered_at = now
        notice.save(update_fields=["pdf", "rendered_at"])
        _tell_deputy(notice, now)
    return True


def render_circular(*, actor: Actor, circular_id: int, now: datetime) -> bool:
    """Make the PDF of the circular: grades only, names in stroke order."""
    with trail.operation("render_circular"):
        locked = Circular.scoped(actor).select_for_update(of=("self",), skip_locked=True)
        circular = locked.filter(pk=circular_id, rendered_at__isnull=True).first()
        if circular is None:
            return False
        form = circular_form(actor, circular)
        data = render_document(form, author=form.organ, created_at=printed_at(circular.issued_on))
        circular.pdf = _keep(data, f"{form.file_title}.pdf", circular.scope_code, now)
        circular.rendered_at = now
        circular.save(update_fields=["pdf", "rendered_at"])
    return True


def printed_at(issued_on: date) -> datetime:
    """The moment written into a document: its date, so that printing it again gives the same bytes."""
    return datetime.combine(issued_on, time(9), CHINA)


def _keep(data: bytes, name: str, scope_code: int, now: datetime) -> StoredFile:
    kind = FileKind.DOCUMENT
    return store_bytes(data, name=name, kind=kind, content_type=PDF, scope_code=scope_code, now=now)


def _tell_deputy(notice: FeedbackNotice, now: datetime) -> None:
    account_id = notice.mandate.person.account_id
    if account_id is None:
        return
    notify(
        account_id=account_id,
        scope_code=notice.scope_code,
        title=f"您的{notice.assessment.year}年度履职测评结果反馈通知书已签发",
        body=f"请查阅通知书，并在{notice.due_on:%Y年%-m月%-d日}前提交《履职测评整改报告》。",
        link=reverse("assessments_notice", args=[notice.pk]),
        dedupe_key=f"notice-{notice.pk}",
        now=now,
    )


def notice_step(
    *,
    actor: Actor,
    notice: FeedbackNotice,
    event: NoticeEvent,
    now: datetime,
    note: str = "",
    changed: tuple[str, ...] = (),
) -> FeedbackNotice:
    """Lead a locked notice through the table and write its step."""
    former = notice.state
    notice.state = NOTICE.next_state(former, event)
    notice.save(update_fields=["state", *changed])
    NoticeStep._plain.create(
        scope_code=notice.scope_code,
        notice=notice,
        event=event,
        from_state=former,
        to_state=notice.state,
        note=fitted(NoticeStep, "note", note),
        done_by_id=actor.account_id,
        done_at=now,
    )
    return notice


def deliver_notice(
    *, actor: Actor, notice_id: int, way: DeliveryWay, received_by: str, now: datetime
) -> FeedbackNotice:
    """登记送达: the tear-off receipt, or the deputy's own opening of the notice (系统查收).

    The days to object run from here: 「可于收到之日起5个工作日内书面提出复核」 (domain.md section 5).
    """
    received_by = fitted_line(FeedbackNotice, "received_by", received_by, needed="请填写签收人姓名。")
    with trail.operation("deliver_notice"):
        notice = get_notice(actor, notice_id, lock=True)
        _require_deliverer(actor, notice, way)
        notice.delivered_on, notice.delivery_way, notice.received_by = china_date(now), way, received_by
        _begin_objection_period(notice, china_date(now), working_calendar())
        columns = ("delivered_on", "delivery_way", "received_by", *_OBJECTION_COLUMNS)
        return notice_step(
            actor=actor, notice=notice, event=NoticeEvent.DELIVER, now=now, note=way.label, changed=columns
        )


def _begin_objection_period(notice: FeedbackNotice, delivered_on: date, calendar: WorkCalendar) -> None:
    policy = policy_of("score_objection", notice.scope_code)
    found = due(delivered_on, policy, calendar.provisional())
    notice.objection_due_on, notice.objection_is_provisional = found.due_on, found.is_provisional


def settle_objection_periods(*, actor: Actor, now: datetime) -> int:
    """Derive estimated days of objection again where the year is loaded by now; counts those settled."""
    actor.require_system()
    calendar, settled = working_calendar(), 0
    rows = FeedbackNotice.scoped(actor).filter(objection_is_provisional=True)
    with trail.operation("recompute_deadline", reason="放假安排已载入"):
        for notice in rows.select_for_update(skip_locked=True, of=("self",)):
            before = notice.objection_due_on
            if notice.delivered_on is None:
                continue
            _begin_objection_period(notice, notice.delivered_on, calendar)
            if notice.objection_is_provisional:
                continue
            notice.save(update_fields=_OBJECTION_COLUMNS)
            log.info("objection period of %s at %s, was %s", notice, now, before)
            settled += 1
    return settled


def _require_deliverer(actor: Actor, notice: FeedbackNotice, way: DeliveryWay) -> None:
    is_own = is_linked(notice.mandate.person_id, actor.person_id) and actor.person_id is not None
    if is_own and way == DeliveryWay.ONLINE:
        return
    if not actor.has_role(*OFFICE, Role.SYSTEM):
        raise Forbidden("送达由主席团登记；代表本人在系统中查收。")


def open_own_notice(*, actor: Actor, notice_id: int, now: datetime) -> FeedbackNotice:
    """The deputy opens his notice: the first time counts as delivered online."""
    with trail.operation("open_own_notice"):
        notice = get_notice(actor, notice_id, lock=True)
        if not is_linked(notice.mandate.person_id, actor.person_id) or notice.read_at is not None:
            return notice
        notice.read_at = now
        notice.save(update_fields=["read_at"])
        if notice.state == NoticeState.ISSUED:
            name = actor.display_name
            return deliver_notice(
                actor=actor, notice_id=notice.pk, way=DeliveryWay.ONLINE, received_by=name, now=now
            )
        return notice
