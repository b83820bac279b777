"""The roster on paper and as a file: the printable list and the export of eighteen columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils import timezone

from deputies.access import (
    get_term,
    visible_mandates,
)
from deputies.enums import Education, ElectionWay, GroupPost, PoliticalStatus, Sex
from deputies.models import Mandate, Term
from deputies.models.mandates import elector_name
from deputies.roster.rules import COLUMNS, RosterRow
from deputies.selectors import ORDERS, RosterLine, open_place, roster_lines, with_roster_parts
from liaison.auditing import trail
from liaison.documents.forms import Column, ListSheet
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.sheets import write_xlsx
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden
from liaison.words.text import mask_phone, to_chinese_number

EXPORTERS = REGISTRARS


def export_roster(
    *,
    actor: Actor,
    term_id: int,
    reason: str,
    now: datetime,
    with_phones: bool = False,
    mandate_ids: Sequence[int] | None = None,
) -> bytes:
    """The roster as .xlsx, the eighteen columns of the form; importing it again changes nothing.

    Full telephone numbers and addresses only for the presidium's clerk and chair, with ``with_phones``;
    otherwise masked and left out. The reason and the number of rows go into the audit trail. Raises
    ``InvalidInput`` without a reason, ``Forbidden`` for other roles.
    """
    actor.require(*EXPORTERS)
    if with_phones and actor.role not in (*OFFICE, Role.SYSTEM):
        raise Forbidden("只有乡镇人大主席团可以导出完整电话。")
    why = trail.reason_of(reason, least=4, needed="请写明导出理由，不少于4个字，如“报区人大常委会备案”。")
    term = get_term(actor, term_id)
    mandates = exported_mandates(actor, term, mandate_ids)
    rows = [roster_row(mandate, with_phones=with_phones).cells() for mandate in mandates]
    made_at = timezone.localtime(now)
    with trail.operation("export_roster", reason=why):
        trail.note(
            "export_roster",
            scope_code=max(actor.lo, term.scope_code),
            table=Term._meta.db_table,
            row_id=term.pk,
            detail={"rows": len(rows), "phones": with_phones},
        )
    return write_xlsx(
        COLUMNS,
        rows,
        title=roster_title(term, len(rows)),
        subtitle=f"填报单位：{_organ(term)}　　填报日期：{_day(made_at.date())}",
        watermark=f"{actor.jurisdiction_name} {actor.display_name} {made_at:%Y-%m-%d %H:%M}导出",
    )


def exported_mandates(actor: Actor, term: Term, mandate_ids: Sequence[int] | None) -> list[Mandate]:
    """Seats still held, in the order of the roster; all of them unless some are named."""
    mandates = visible_mandates(actor).filter(term=term, ended_on__isnull=True)
    if mandate_ids is not None:
        mandates = mandates.filter(pk__in=mandate_ids)
    return list(with_roster_parts(mandates).order_by(*ORDERS["number"][1]))


def roster_row(mandate: Mandate, *, with_phones: bool = True) -> RosterRow:
    """A registered deputy as a roster states it; person and open place fetched beforehand."""
    somebody, place = mandate.person, open_place(mandate)
    return RosterRow(
        name=somebody.name,
        sex=Sex(somebody.sex),
        ethnicity=somebody.ethnicity,
        born_on=somebody.born_on,
        political_status=PoliticalStatus(somebody.political_status) if somebody.political_status else None,
        education=Education(somebody.education) if somebody.education else None,
        occupation=somebody.occupation,
        constituency=elector_name(mandate),
        group=place.group.name if place else "",
        group_post=GroupPost(place.post) if place else GroupPost.MEMBER,
        phone=somebody.phone if with_phones else mask_phone(somebody.phone),
        address=somebody.address if with_phones else "",
        election_way=ElectionWay(mandate.election_way),
        elected_on=mandate.elected_on,
        concurrent_seat=mandate.concurrent_seat,
        fixed_contacts=mandate.fixed_contact_target,
        remark=mandate.remark,
        list_number=mandate.list_number,
    )


def roster_title(term: Term, deputies: int) -> str:
    """榆次区庄子乡第十五届人民代表大会代表名册（47人）."""
    place = term.congress.jurisdiction.name
    return f"{place}第{to_chinese_number(term.number)}届人民代表大会代表名册（{deputies}人）"


def _organ(term: Term) -> str:
    place = term.congress.jurisdiction
    return place.organ_name or place.name


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


_PRINTED = (
    Column(heading="序号", width=5),
    Column(heading="姓名", width=10),
    Column(heading="性别", width=5),
    Column(heading="选区", width=17, align="left"),
    Column(heading="工作单位及职务", width=24, align="left"),
    Column(heading="代表小组", width=13),
    Column(heading="小组职务", width=9),
    Column(heading="联系电话", width=13),
    Column(heading="备注", width=10, align="left"),
)


def printed_roster(
    actor: Actor, term: Term, *, today: date, order: str = "number", mandate_ids: Sequence[int] | None = None
) -> ListSheet:
    """The roster for the wall and the meeting: seated deputies, telephone masked."""
    mandates = visible_mandates(actor).filter(term=term, ended_on__isnull=True)
    if mandate_ids is not None:
        mandates = mandates.filter(pk__in=mandate_ids)
    lines = roster_lines(actor, term, mandates.order_by(*ORDERS[order][1]))
    return ListSheet(
        title=roster_title(term, len(lines)),
        organ=_organ(term),
        columns=_PRINTED,
        rows=tuple(_printed_rows(lines)),
        subtitle=f"{ORDERS[order][0]}排列",
        made_by=actor.display_name,
        made_on=today,
    )


def _printed_rows(lines: Iterable[RosterLine]) -> Iterable[tuple[str, ...]]:
    for number, line in enumerate(lines, start=1):
        suspended = "" if line.state == "active" else line.state.label
        yield (
            str(number),
            line.name,
            line.sex.label,
            line.constituency,
            line.occupation,
            line.group,
            line.post,
            line.phone,
            "；".join(part for part in (line.concurrent_seat, suspended) if part),
        )
