"""名册导入: upload, say what is what where the file leaves it open, check, confirm.

Shown to clerks as pages and inside the admin.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from deputies.access import get_term
from deputies.forms import RosterFileForm
from deputies.layout_form import RosterLayoutForm
from deputies.models import Term
from deputies.roster.file import NeedsLayout, outlines, read_roster
from deputies.roster.rules import RowReport, RowState, Severity
from deputies.roster_import import waiting_file
from deputies.roster_import.preview import (
    Options,
    Preview,
    is_empty_congress,
    preview_roster,
    remembered_meanings,
)
from deputies.roster_import.trial import tried
from deputies.roster_import.write import ImportResult, import_roster, options_from
from deputies.views.common import (
    crumbs,
    kept_terms,
    require_page_keeper,
)
from deputies.views.import_rows import ROW_TONES, file_messages, row_shown, shared_notes
from liaison.files.uploads import plain_name
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import REGISTRARS
from liaison.sheets import LIMITS, SheetError
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused

# What hinders comes first, then what would be written, then the rest (brief: errors first).
_SHOWN_FIRST = {state: place for place, state in enumerate(ROW_TONES)}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the two steps are shown: the base they extend and the addresses of their pages."""

    base: str
    upload_url: str
    layout_url: str
    preview_url: str
    confirm_url: str
    done_url: str
    context: Mapping[str, Any]


def page_frame() -> Frame:
    return Frame(
        base="base.html",
        upload_url=reverse("deputies_import"),
        layout_url=reverse("deputies_import_layout"),
        preview_url=reverse("deputies_import_preview"),
        confirm_url=reverse("deputies_import_confirm"),
        done_url=reverse("deputies_roster"),
        context={"crumbs": crumbs(("导入名册", ""))},
    )


@for_roles(*REGISTRARS)
def upload(request: HttpRequest) -> HttpResponse:
    return upload_step(request, page_frame())


@for_roles(*REGISTRARS)
def layout(request: HttpRequest) -> HttpResponse:
    return layout_step(request, page_frame())


@for_roles(*REGISTRARS)
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    return preview_step(request, page_frame())


@for_roles(*REGISTRARS)
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    return confirm_step(request, page_frame())


def upload_step(request: HttpRequest, frame: Frame) -> HttpResponse:
    """Take the file, refuse what is no roster, and let it wait for the confirmation."""
    actor = actor_of(request)
    terms = kept_terms(actor)
    if not terms:
        raise Refused("本地还没有可以导入名册的一届人民代表大会，请先在“届与会议”中登记。")
    for term in terms:
        require_page_keeper(actor, term)
    initial = {"term": request.GET.get("term") or str(terms[0].pk)}
    form = RosterFileForm(terms, request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        ticket = _waiting(actor, form)
        if ticket is not None:
            return HttpResponseRedirect(_with_ticket(frame.preview_url, ticket))
    return _render(request, frame, "import_upload.html", "导入名册", form=form, cancel_url=frame.done_url)


def _waiting(actor: Actor, form: RosterFileForm) -> waiting_file.Ticket | None:
    sent = form.cleaned_data["file"]
    data = sent.read(LIMITS.max_bytes + 1)
    try:
        if len(data) > LIMITS.max_bytes:
            raise SheetError("文件超过5MB，请删去图片和无关的工作表后再上传。")
        _require_roster(data)
        return waiting_file.keep(
            data,
            file_name=plain_name(sent.name or "名册"),
            term_id=form.cleaned_data["term"].pk,
            actor=actor,
            now=timezone.now(),
        )
    except (SheetError, InvalidInput) as error:
        form.add_error("file", error.message)
        return None


def _require_roster(data: bytes) -> None:
    """Refuse what no answer of a person could make a roster."""
    with suppress(NeedsLayout):
        read_roster(data)


def _with_ticket(url: str, ticket: waiting_file.Ticket) -> str:
    return f"{url}?{urlencode({'upload': ticket.signed()})}"


def layout_step(request: HttpRequest, frame: Frame) -> HttpResponse:
    """Ask which sheets and columns are meant; the answers go with the ticket, nothing is written."""
    actor = actor_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    ticket = waiting_file.ticket_of(asked.get("upload", ""), actor)
    term = get_term(actor, ticket.term_id)
    require_page_keeper(actor, term)
    data = waiting_file.fetch(ticket)
    meanings = {**remembered_meanings(actor, term), **ticket.columns}
    form = RosterLayoutForm(outlines(data, meanings), ticket, request.POST or None)
    if request.method == "POST" and form.is_valid():
        laid_out = ticket.laid_out(form.layout())
        try:
            read_roster(data, laid_out.layout)
            return HttpResponseRedirect(_with_ticket(frame.preview_url, laid_out))
        except SheetError as error:
            form.add_error(None, error.message)
    title = "选定工作表和栏目"
    cancel_url = frame.done_url
    return _render(
        request, frame, "import_layout.html", title, form=form, ticket=ticket, cancel_url=cancel_url
    )


def preview_step(request: HttpRequest, frame: Frame) -> HttpResponse:
    """What the roster would do, row by row; no row is written in any table."""
    actor = actor_of(request)
    ticket = waiting_file.ticket_of(request.GET.get("upload", ""), actor)
    term = get_term(actor, ticket.term_id)
    require_page_keeper(actor, term)
    options = _options(request.GET, actor, term)
    try:
        found = _checked(actor, term, ticket, options)
    except NeedsLayout:
        return HttpResponseRedirect(_with_ticket(frame.layout_url, ticket))
    return _show(request, frame, ticket, found, options)


def _checked(actor: Actor, term: Term, ticket: waiting_file.Ticket, options: Options) -> Preview:
    """Read, checked and tried: what it refuses is all that a confirmation would refuse."""
    data, today = waiting_file.fetch(ticket), timezone.localdate()
    found = preview_roster(actor, term, data, options, today, ticket.layout)
    return tried(actor=actor, preview=found, now=timezone.now())


def confirm_step(request: HttpRequest, frame: Frame) -> HttpResponse:
    """Check once more and write everything, or show again what is still open."""
    actor = actor_of(request)
    ticket = waiting_file.ticket_of(request.POST.get("upload", ""), actor)
    term = get_term(actor, ticket.term_id)
    require_page_keeper(actor, term)
    options = _options(request.POST, actor, term)
    data = waiting_file.fetch(ticket)
    missing = _missing_ticks(request.POST)
    if missing:
        messages.error(request, missing)
        return _show(request, frame, ticket, _checked(actor, term, ticket, options), options)
    try:
        with transaction.atomic():
            result = import_roster(
                actor=actor,
                term_id=term.pk,
                data=data,
                file_name=ticket.file_name,
                options=options,
                register_digest=request.POST.get("register", ""),
                now=timezone.now(),
                layout=ticket.layout,
            )
    except Refused as refused:
        messages.error(request, refused.message)
        return _show(request, frame, ticket, _checked(actor, term, ticket, options), options)
    transaction.on_commit(lambda: waiting_file.discard(ticket))
    messages.success(request, _said(term, result))
    return HttpResponseRedirect(f"{frame.done_url}?term={term.pk}")


def _said(term: Term, result: ImportResult) -> str:
    if result.record is None:
        return f"名册与{term}现有登记完全一致，没有需要写入的内容。"
    return f"已导入{term}名册：新增{result.new}人，变更{result.changed}人，未变{result.unchanged}人。"


def _options(asked: Mapping[str, str], actor: Actor, term: Term) -> Options:
    """Creating is offered at once in a congress that has nothing yet, else only when asked for."""
    no_electors, no_groups = is_empty_congress(actor, term)
    return options_from(
        asked,
        constituencies=no_electors or asked.get("constituencies") == "1",
        groups=no_groups or asked.get("groups") == "1",
    )


def _missing_ticks(sent: Mapping[str, str]) -> str:
    """Nothing is created silently: what the page listed has to be ticked."""
    wanted = {"constituencies": "选区", "groups": "代表小组"}
    untick = [
        label
        for name, label in wanted.items()
        if sent.get(f"proposes_{name}") and not sent.get(f"create_{name}")
    ]
    return f"名册将新建{'和'.join(untick)}，请核对清单并勾选同意后再确认。" if untick else ""


# --- showing -------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest, frame: Frame, ticket: waiting_file.Ticket, found: Preview, options: Options
) -> HttpResponse:
    report = found.report
    shown = request.GET.get("show", "")
    kept = {"upload": ticket.signed()}
    kept |= {"constituencies": "1"} if options.constituencies else {}
    kept |= {"groups": "1"} if options.groups else {}
    kept |= _answered(options)
    shared = shared_notes(report.rows)
    rows = [row_shown(found, row, options, shared) for row in _in_order(report.rows, shown)]
    offers = {message.offer for message in report.all_messages if message.offer}
    return _render(
        request,
        frame,
        "import_preview.html",
        "核对名册",
        found=found,
        term=found.term,
        ticket=ticket,
        signed=kept["upload"],
        kept=kept,
        rows=rows,
        hidden_rows=len(report.rows) - len(rows),
        chips=_chips(found, shown, kept),
        file_messages=file_messages(found, shared),
        file_errors=found.file_errors,
        can_confirm=found.is_importable and found.has_changes,
        needs_decision=found.waits_for_decisions,
        is_unchanged=found.is_importable and not found.has_changes,
        errors=report.counts[RowState.ERROR],
        spellings=report.spellings,
        layout_url=_with_ticket(frame.layout_url, ticket),
        offers_constituencies=_offer_url(frame, kept, "constituencies", "create_constituency" in offers),
        offers_groups=_offer_url(frame, kept, "groups", "create_group" in offers),
        upload_url=frame.upload_url,
        confirm_url=frame.confirm_url,
        cancel_url=frame.done_url,
    )


def _answered(options: Options) -> dict[str, str]:
    """The answers already given, so that a look at some of the rows does not lose them."""
    persons = {f"decision-{row}": str(person or "new") for row, person in options.decisions.items()}
    places = {f"place-{name}": "same" if same else "other" for name, same in options.spellings.items()}
    return persons | places


def _offer_url(frame: Frame, kept: Mapping[str, str], name: str, is_offered: bool) -> str:
    return f"{frame.preview_url}?{urlencode({**kept, name: '1'})}" if is_offered else ""


def _in_order(rows: tuple[RowReport, ...], shown: str) -> list[RowReport]:
    """Errors first; narrowed to one state, or to the rows somebody should look at."""
    if shown in RowState.values():
        rows = tuple(row for row in rows if row.state == shown)
    elif shown == "remarks":
        rows = tuple(row for row in rows if any(m.severity is not Severity.NOTE for m in row.messages))
    return sorted(rows, key=lambda row: (_SHOWN_FIRST[row.state], row.number))


def _chips(found: Preview, shown: str, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    report = found.report
    remarks = sum(any(m.severity is not Severity.NOTE for m in row.messages) for row in report.rows)
    choices = [("", "全部", len(report.rows))]
    # What an import would do with a row is said only when there can be an import.
    counted = (RowState.ERROR,) if found.file_errors else tuple(ROW_TONES)
    choices += [(state, state.label, report.counts[state]) for state in counted]
    choices.append(("remarks", "有错误或者提醒", remarks))
    return [
        {
            "label": label,
            "count": count,
            "active": shown == key,
            "url": f"?{urlencode({**kept, 'show': key} if key else kept)}",
        }
        for key, label, count in choices
        if count or not key
    ]


def _render(request: HttpRequest, frame: Frame, template: str, title: str, **context: Any) -> HttpResponse:
    shown = {"frame": frame.base, "page_title": title, "title": title, **frame.context, **context}
    return render(request, f"deputies/{template}", shown)
