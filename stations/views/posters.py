"""Papers of a station as PDF: the poster of its reception days, the table of its year."""

from __future__ import annotations

import re
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.documents.forms import DocumentForm
from liaison.documents.pdf import render_document
from liaison.files.downloads import printed_answer
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import OFFICE, STATION_RUNNERS, STATION_STAFF
from liaison.words.errors import InvalidInput
from liaison.words.text import read_year
from stations.documents.posters import day_poster, month_poster, year_rota

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@for_roles(*STATION_RUNNERS)
@require_safe
def reception_poster(request: HttpRequest, day_id: int) -> HttpResponse:
    """《代表接待日公告》 of one reception."""
    actor = actor_of(request)
    return _printed(day_poster(actor, day_id, timezone.localdate()))


@for_roles(*STATION_RUNNERS)
@require_safe
def station_poster(request: HttpRequest, station_id: int) -> HttpResponse:
    """《代表接待日公告》 of one month of a station; ``?month=2026-05`` names another than the coming one."""
    actor = actor_of(request)
    asked = request.GET.get("month", "")
    found = _MONTH.fullmatch(asked)
    if asked and not found:
        raise InvalidInput({"month": "月份应写成2026-05这样。"})
    month = date(int(found[1]), int(found[2]), 1) if found else None
    return _printed(month_poster(actor, station_id, timezone.localdate(), month))


@for_roles(*STATION_STAFF)
@require_safe
def station_rota(request: HttpRequest, station_id: int) -> HttpResponse:
    """《轮值表》 of one station and year."""
    return _rota(request, station_id)


@for_roles(*OFFICE)
@require_safe
def township_rota(request: HttpRequest) -> HttpResponse:
    """《轮值表》 of all stations the office keeps."""
    return _rota(request, None)


def _rota(request: HttpRequest, station_id: int | None) -> HttpResponse:
    actor, today = actor_of(request), timezone.localdate()
    return _printed(year_rota(actor, asked_year(request, today), today, station_id))


def asked_year(request: HttpRequest, today: date) -> int:
    """``?year=``; this year where it is missing or no year of ours."""
    asked = read_year(request.GET.get("year"))
    return today.year if asked is None else min(max(asked, _FIRST_YEAR), _LAST_YEAR)


def _printed(form: DocumentForm) -> HttpResponse:
    organ = getattr(form, "organ", "")
    pdf = render_document(form, author=organ, created_at=timezone.now())
    return printed_answer(pdf, form.file_title)
