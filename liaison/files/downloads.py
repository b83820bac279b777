"""What is made for one reader and handed out as a file: a paper for the printer, a table, a package."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


def file_answer(data: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """``data`` under ``name``, which may be Chinese; ``inline`` opens it in the browser.

    It is made for this reader and shows people's records: nothing on the way keeps it.
    """
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


def printed_answer(data: bytes, title: str) -> HttpResponse:
    """A PDF opened in the browser's reader; ``title`` is its name without the ending."""
    return file_answer(data, PDF, f"{title}.pdf", inline=True)
