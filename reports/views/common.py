"""What the pages of the top floor share: reading years and numbers from addresses, printing lists."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from liaison.documents.forms import ListSheet
from liaison.documents.pdf import render_document
from liaison.files.downloads import printed_answer
from liaison.web import pages
from liaison.words.text import read_year

# The oldest year offered: the software keeps five, a term of office.
YEARS_BACK = 5


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return pages.page(request, f"reports/{template}", title, **context)


def asked_year(request: HttpRequest, today: date) -> int:
    """The year in ``?year=``, this year when it is missing or none of those offered."""
    year = read_year(request.GET.get("year") or request.POST.get("year"))
    return year if year is not None and year in years_offered(today) else today.year


def years_offered(today: date) -> range:
    return range(today.year - YEARS_BACK, today.year + 1)


def year_tabs(request: HttpRequest, year: int, today: date) -> list[dict[str, Any]]:
    """The last three years and the one shown, newest last."""
    shown = sorted({today.year - 2, today.year - 1, today.year, year})
    return [{"label": f"{one}年", "url": _with_year(request, one), "active": one == year} for one in shown]


def _with_year(request: HttpRequest, year: int) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query["year"] = str(year)
    return f"?{query.urlencode()}"


def printed(form: ListSheet, now: datetime) -> HttpResponse:
    """A list as PDF for the printer."""
    pdf = render_document(form, author=form.organ, created_at=now)
    return printed_answer(pdf, form.file_title)
