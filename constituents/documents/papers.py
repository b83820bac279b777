"""The register on paper and the ledger as a file; residents are masked unless a reason was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils import timezone

from constituents.access import visible_opinions
from constituents.models import Opinion
from liaison.auditing import trail
from liaison.documents.forms import ReceptionMatter, ReceptionRegister, ReceptionSummary
from liaison.identity.roles import REGISTRARS
from liaison.models import Jurisdiction
from liaison.sheets import write_xlsx
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput
from liaison.words.masking import excerpt, in_full
from stations.enums import DutyState
from stations.models import Participation, ReceptionDay
from stations.rules.lifecycle import TURNS_OVER

EXPORTERS = REGISTRARS
MOST_ROWS = 5000
COLUMNS = (
    "编号", "反映日期", "反映方式", "联络站点", "接待（反映）代表", "类别", "紧急程度", "群众",
    "联系电话", "内容", "去向", "承办单位", "交办日期", "办理期限", "状态", "办理结果", "答复日期",
    "群众评价", "办结日期",
)  # fmt: skip


def blank_register(actor: Actor, day: ReceptionDay | None = None) -> ReceptionRegister:
    """An empty sheet for the desk and the pen; of a reception day with what is known beforehand."""
    if day is None:
        return ReceptionRegister(organ=organ_of(actor.lo) or actor.jurisdiction_name)
    return ReceptionRegister(
        organ=organ_of(day.scope_code),
        station=day.station.name,
        received_on=day.day,
        hours=hours_of(day),
        place=day.station.address,
        deputies=tuple(name for name, outcome in _receivers(day) if outcome in _CAME_OR_WILL),
    )


def organ_of(scope_code: int) -> str:
    """The congress organ of a jurisdiction, as papers name it."""
    place = Jurisdiction.objects.filter(scope_code=scope_code).order_by("scope_end").last()
    return place.organ_name or place.name if place else ""


_CAME_OR_WILL = (DutyState.SCHEDULED, DutyState.ATTENDED)


def hours_of(day: ReceptionDay) -> str:
    """As it was when both ends are registered, else as announced."""
    if day.began_at is not None and day.ended_at is not None:
        began, ended = timezone.localtime(day.began_at), timezone.localtime(day.ended_at)
        return f"{began:%H:%M}—{ended:%H:%M}"
    return f"{day.starts_at:%H:%M}—{day.ends_at:%H:%M}"


def _receivers(day: ReceptionDay) -> list[tuple[str, str]]:
    """Names and outcomes in the order of names; one query unless the turns were fetched with the day."""
    turns = getattr(day, "turns", None)
    if turns is None:
        parts = Participation.objects.filter(reception_day=day).exclude(outcome__in=TURNS_OVER)
        turns = parts.select_related("mandate__person").order_by("mandate__person__name_strokes", "id")
    return [(turn.mandate.full_name, turn.outcome) for turn in turns]


def register_rows(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    """Joined with all a sheet shows: one query."""
    joins = ("station", "deputy__person", "deputy__constituency", "village", "unit", "recorded_by")
    counted = rows.annotate(file_count=Count("files"))
    return counted.select_related(*joins, "reception_day__station").order_by("number", "pk")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every sheet of one reception has in common; read once."""

    organ: str
    deputies: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Opinion) -> Frame:
        day = row.reception_day
        came = (name for name, outcome in _receivers(day) if outcome == DutyState.ATTENDED) if day else ()
        return cls(organ_of(row.scope_code), tuple(came))


def filled_register(row: Opinion, *, frame: Frame | None = None, is_full: bool = False) -> ReceptionRegister:
    """《接待选民登记表》 of a row of ``register_rows``; the resident masked unless ``is_full``."""
    frame, day = frame or Frame.of(row), row.reception_day
    said = in_full if is_full else str
    own = row.deputy.full_name if row.deputy else ""
    constituency = row.deputy.constituency if row.deputy and row.is_own_constituency else None
    files = getattr(row, "file_count", 0)
    return ReceptionRegister(
        organ=frame.organ,
        station=row.station.name if row.station else "",
        register_no=row.number,
        received_on=row.received_on,
        hours=hours_of(day) if day else "",
        place=row.station.address if row.station else "",
        deputies=tuple(dict.fromkeys(name for name in (own, *frame.deputies) if name)),
        recorder=row.recorded_by.display_name if row.recorded_by else "",
        **_resident(row, is_full=is_full),
        constituency=constituency.name if constituency else "",
        is_own_constituency=row.is_own_constituency,
        people=row.people_count,
        channel=row.get_contact_way_display(),
        category=row.get_category_display(),
        urgency=row.get_urgency_display(),
        content=said(row.content),
        request=said(row.wish),
        answer=said(row.on_spot_answer),
        proposal=said(row.proposal),
        route=row.get_route_display() if row.route else "",
        unit=row.unit.name if row.unit else "",
        assigned_on=row.assigned_on,
        due_on=row.due_on,
        result=said(row.reply),
        replied_on=row.replied_on,
        reply_method=row.get_feedback_way_display() if row.feedback_way else "",
        satisfaction=row.get_satisfaction_display() if row.satisfaction else "",
        is_public=row.is_public,
        is_confidential=row.is_confidential,
        attachments=f"{files}份" if files else "",
    )


def _resident(row: Opinion, *, is_full: bool) -> dict[str, str]:
    """Name, phone and address as far as the paper may show them."""
    village = row.village.short_name if row.village else ""
    if row.is_anonymous:
        return {"resident": "匿名", "phone": "", "address": village}
    if is_full:
        name, phone, address = row.resident_name, row.resident_phone, row.resident_address
        return {"resident": name, "phone": phone, "address": address or village}
    return {
        "resident": row.resident_name_masked,
        "phone": row.resident_phone_masked,
        "address": village,
    }


def day_papers(
    day: ReceptionDay, rows: Sequence[Opinion], *, is_full: bool = False
) -> list[ReceptionSummary | ReceptionRegister]:
    """The summary of one reception with a sheet for every matter behind it; ``rows`` of ``register_rows``.

    A matter keeps the deputy it was brought to in front; the others who received stand behind.
    """
    receivers = _receivers(day)
    came = tuple(name for name, outcome in receivers if outcome == DutyState.ATTENDED)
    frame = Frame(organ_of(day.scope_code), came)
    sheets = [filled_register(row, frame=frame, is_full=is_full) for row in rows]
    summary = ReceptionSummary(
        organ=frame.organ,
        station=day.station.name,
        received_on=day.day,
        hours=hours_of(day),
        place=day.station.address,
        deputies=tuple(_with_outcome(name, outcome) for name, outcome in receivers),
        recorder="、".join(dict.fromkeys(sheet.recorder for sheet in sheets if sheet.recorder)),
        visitor_count=day.visitor_count,
        remark=day.remark,
        matters=tuple(_matter(sheet) for sheet in sheets),
    )
    return [summary, *sheets]


def _with_outcome(name: str, outcome: str) -> str:
    state = DutyState(outcome)
    return name if state in _CAME_OR_WILL else f"{name}（{state.label}）"


def _matter(sheet: ReceptionRegister) -> ReceptionMatter:
    """One line of the summary: the sheet's own words, cut."""
    where = [part for part in (sheet.route, sheet.unit) if part]
    if sheet.due_on and sheet.unit and not sheet.result:
        where.append(f"{sheet.due_on.month}月{sheet.due_on.day}日前办结")
    outcome = "，".join(where) or ("已当场答复" if sheet.answer else "待受理")
    return ReceptionMatter(
        number=sheet.register_no,
        resident=sheet.resident,
        content=excerpt(sheet.content, 60),
        category=sheet.category,
        outcome=f"{outcome}；{sheet.satisfaction}" if sheet.satisfaction else outcome,
    )


def note_day_printing(day: ReceptionDay) -> None:
    """Who printed the register of a reception day stands in the audit trail."""
    table = ReceptionDay._meta.db_table
    trail.note("print_reception", scope_code=day.scope_code, table=table, row_id=day.pk)


def note_printing(actor: Actor, row: Opinion) -> None:
    """A printed sheet leaves the house: who printed which stands in the audit trail."""
    table = Opinion._meta.db_table
    trail.note("print_opinion", scope_code=row.scope_code, table=table, row_id=row.pk)


def exported_opinions(actor: Actor) -> QuerySet[Opinion]:
    rows = visible_opinions(actor).select_related("station", "deputy__person", "unit")
    return rows.order_by("received_on", "pk")


def export_opinions(*, actor: Actor, rows: QuerySet[Opinion], reason: str, now: datetime) -> bytes:
    """The ledger as .xlsx, residents masked; reason and number of rows go into the audit trail.

    ``InvalidInput`` without a reason or with more than 5000 rows.
    """
    actor.require(*EXPORTERS)
    why = trail.reason_of(reason, least=4, needed="请写明导出理由，不少于4个字，如“报区人大常委会备案”。")
    table = [_cells(row) for row in rows[: MOST_ROWS + 1]]
    if len(table) > MOST_ROWS:
        raise InvalidInput({"reason": f"一次最多导出{MOST_ROWS}件，请先按日期筛选。"})
    with trail.operation("export_opinions", reason=why):
        detail = {"rows": len(table)}
        name = Opinion._meta.db_table
        trail.note("export_opinions", scope_code=actor.lo, table=name, row_id=0, detail=detail)
    made_at = timezone.localtime(now)
    return write_xlsx(
        COLUMNS,
        table,
        title=f"{actor.jurisdiction_name}社情民意台账（{len(table)}件）",
        watermark=f"{actor.jurisdiction_name} {actor.display_name} {made_at:%Y-%m-%d %H:%M}导出",
    )


def _cells(row: Opinion) -> list[str]:
    return [
        row.number,
        _day(row.received_on),
        row.get_contact_way_display(),
        row.station.name if row.station else "",
        row.deputy.full_name if row.deputy else "",
        row.get_category_display(),
        row.get_urgency_display(),
        "匿名" if row.is_anonymous else row.resident_name_masked,
        row.resident_phone_masked,
        row.content,
        row.get_route_display() if row.route else "",
        row.unit.name if row.unit else "",
        _day(row.assigned_on),
        _day(row.due_on),
        row.get_state_display(),
        row.reply,
        _day(row.replied_on),
        row.get_satisfaction_display() if row.satisfaction else "",
        _day(row.closed_on),
    ]


def _day(value: object) -> str:
    return str(value) if value else ""
