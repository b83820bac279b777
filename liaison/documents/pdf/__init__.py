"""The one module that makes PDF files. Everything printed goes through `render_pdf`.

The same context gives the same bytes: nothing here reads the clock, and the file identifiers are
derived from the content. Text is cleaned once more on its way to paper (liaison.words.text).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from liaison.documents.forms import DocumentForm
from liaison.documents.pdf.pages import html_of
from liaison.words.text import clean_line

__all__ = ["render_document", "render_documents", "render_many", "render_pdf"]

PDF_A = "pdf/a-2b"
STATIC = Path(__file__).resolve().parents[3] / "static" / "documents"


def render_pdf(
    template_name: str,
    context: Mapping[str, object],
    *,
    title: str,
    author: str,
    created_at: datetime,
    variant: str | None = PDF_A,
) -> bytes:
    """Return the PDF of ``templates/documents/<template_name>``.

    ``created_at`` must carry a time zone (ValueError otherwise); it is written into the file, in
    Beijing time. ``variant`` is an archive format (GB/T 33190 is not offered): pdf/a-2b, -2u, -3b or None.
    Raises TemplateDoesNotExist for an unknown template. About 0.1 s a page; call it from a task
    when there are many.
    """
    from liaison.documents.pdf import (
        engine,  # WeasyPrint takes a second to import: only when something is printed
    )

    html = html_of(template_name, context, title=title, author=author, created_at=created_at)
    return engine.print_html(html, variant=variant, static=STATIC, fonts=settings.FONT_DIR)


def render_many(
    template_name: str,
    contexts: Iterable[Mapping[str, object]],
    *,
    title: str,
    author: str,
    created_at: datetime,
    variant: str | None = PDF_A,
    duplex: bool = True,
) -> bytes:
    """Return one PDF of the same template for many contexts, for the printer.

    Each document is numbered from 1; with ``duplex`` each begins on a fresh sheet. Fonts are
    stored once. Raises ValueError for no context at all.
    """
    from liaison.documents.pdf import (
        engine,  # WeasyPrint takes a second to import: only when something is printed
    )

    htmls = (
        html_of(template_name, context, title=title, author=author, created_at=created_at)
        for context in contexts
    )
    return engine.print_batch(htmls, variant=variant, static=STATIC, fonts=settings.FONT_DIR, duplex=duplex)


def render_document(form: DocumentForm, *, author: str, created_at: datetime) -> bytes:
    """Return the PDF/A of one of the forms of liaison.documents.forms, under its own title."""
    return render_pdf(
        form.template, {"form": form}, title=clean_line(form.file_title), author=author, created_at=created_at
    )


def render_documents(
    forms: Iterable[DocumentForm], *, title: str, author: str, created_at: datetime, duplex: bool = True
) -> bytes:
    """Return one PDF of many forms, in their order, each numbered from 1. Raises ValueError for none."""
    from liaison.documents.pdf import engine

    htmls = (
        html_of(form.template, {"form": form}, title=title, author=author, created_at=created_at)
        for form in forms
    )
    return engine.print_batch(htmls, variant=PDF_A, static=STATIC, fonts=settings.FONT_DIR, duplex=duplex)
