"""The resident's data: in no list, file, paper or message; in full only for a reason that is noted."""

import io
from collections.abc import Callable
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from constituents.documents import papers
from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit
from constituents.services import reveal as revealing
from constituents.services.reveal import reveal_resident
from liaison.documents.pdf import render_document
from liaison.models import AuditEntry, Notification
from liaison.sheets import read_sheet
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from tests.constituents.makers import NOW, PHONE, RESIDENT, as_, case_in, register
from tests.liaison.pdf_reading import text_of

SignIn = Callable[[Actor], Client]
POISON = (
    "<link rel=attachment href=file:///etc/passwd>",
    "<img src=http://127.0.0.1:9/x>",
    '=HYPERLINK("http://127.0.0.1:9/","点")',
    "水\x0b管\u202e坏",
)
# Words of the poisoned text that must survive as plain words.
ADDRESS = "东庄村三组12号"


def test_no_list_no_page_no_message_shows_the_resident(
    sign_in: SignIn, clerk: Actor, handler: Actor, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.HANDLING, unit, content=f"水停了，打我电话{PHONE}")
    for actor, address in (
        (clerk, "/admin/constituents/opinion/"),
        (clerk, f"/opinions/{row.pk}/"),
        (clerk, f"/opinions/{row.pk}/receipt/"),
        (handler, "/opinions/unit/"),
        (handler, f"/opinions/{row.pk}/"),
        (handler, f"/opinions/do/reply/?id={row.pk}"),
    ):
        page = sign_in(actor).get(address)
        assert page.status_code == 200
        shown = page.content.decode()
        assert [word for word in (PHONE, RESIDENT, ADDRESS) if word in shown] == [], address
    followed = Client().get(f"/opinions/follow/{row.query_code}/").content.decode()
    assert PHONE not in followed
    assert RESIDENT not in followed
    assert "张" not in followed
    with acting(system_actor()):
        told = list(Notification._plain.values_list("title", "body"))
    assert told
    assert not any(PHONE in text or RESIDENT in text for pair in told for text in pair)


def test_the_ledger_is_masked_and_poison_is_text(clerk: Actor) -> None:
    for words in POISON:
        register(clerk, content=words, wish=words, resident_name=RESIDENT)
    with acting(clerk):
        data = papers.export_opinions(
            actor=clerk, rows=papers.exported_opinions(clerk), reason="报区人大备案", now=NOW
        )
    book = ZipFile(io.BytesIO(data))
    inside = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    assert PHONE not in inside
    assert RESIDENT not in inside
    assert "139****5678" in inside
    assert "张**" in inside
    assert "<f>" not in inside
    assert "\u202e" not in inside
    assert "\x0b" not in inside
    cells = [text for row in read_sheet(data).rows for text in row]
    assert any("HYPERLINK" in text for text in cells)
    with acting(system_actor()):
        entry = AuditEntry._plain.get(operation="export_opinions")
    assert entry.reason == "报区人大备案"
    assert '"rows": 4' in entry.detail


def test_export_needs_a_reason(clerk: Actor) -> None:
    with acting(clerk), pytest.raises(InvalidInput):
        papers.export_opinions(actor=clerk, rows=papers.exported_opinions(clerk), reason=" ", now=NOW)


@pytest.mark.parametrize("words", POISON)
def test_the_printed_register_is_masked_and_fetches_nothing(clerk: Actor, words: str) -> None:
    row = register(clerk, content=words, wish=words)
    with acting(clerk):
        form = papers.filled_register(row)
    data = render_document(form, author=form.organ, created_at=NOW)
    shown = text_of(data)
    assert PHONE not in shown
    assert RESIDENT not in shown
    assert "139****5678" in shown
    assert b"/EmbeddedFile" not in data
    assert "root:" not in shown
    assert "\u202e" not in shown


def test_register_sheets_open_for_those_who_register(
    sign_in: SignIn, clerk: Actor, handler: Actor, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.ASSIGNED, unit)
    for address in ("/opinions/sheet/", f"/opinions/{row.pk}/sheet/"):
        page = sign_in(clerk).get(address)
        assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
        assert sign_in(handler).get(address).status_code == 403


def test_revealing_is_noted_without_the_data(clerk: Actor) -> None:
    row = register(clerk)
    with pytest.raises(InvalidInput):
        as_(clerk, reveal_resident, opinion_id=row.pk, reason=" ")
    found = as_(clerk, reveal_resident, opinion_id=row.pk, reason="电话回访")
    assert (found.name, found.phone, found.address) == (RESIDENT, PHONE, ADDRESS)
    with acting(system_actor()):
        entry = AuditEntry._plain.get(operation="reveal_resident")
    assert (entry.row_ref, entry.reason) == (row.pk, "电话回访")
    assert PHONE not in entry.detail + entry.actor


def test_one_too_many_in_a_day(clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revealing, "DAILY_REVEALS", 2)
    row, now = register(clerk), timezone.now()
    for _ in range(2):
        as_(clerk, reveal_resident, opinion_id=row.pk, reason="电话回访", now=now)
    with pytest.raises(Refused, match="上限"):
        as_(clerk, reveal_resident, opinion_id=row.pk, reason="电话回访", now=now)
    tomorrow = now + timedelta(days=1, minutes=1)
    assert as_(clerk, reveal_resident, opinion_id=row.pk, reason="电话回访", now=tomorrow).phone == PHONE


def test_the_unit_reveals_while_it_handles_and_not_when_confidential(
    clerk: Actor, handler: Actor, other_handler: Actor, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.HANDLING, unit)
    assert as_(handler, reveal_resident, opinion_id=row.pk, reason="联系维修").phone == PHONE
    with pytest.raises(OutOfScope):
        as_(other_handler, reveal_resident, opinion_id=row.pk, reason="联系维修")
    closed = case_in(clerk, O.CLOSED, unit)
    secret = case_in(clerk, O.HANDLING, unit, is_confidential=True)
    for each in (closed, secret):
        with pytest.raises(Forbidden):
            as_(handler, reveal_resident, opinion_id=each.pk, reason="联系维修")


def test_county_reads_the_case_and_not_the_resident(clerk: Actor, county: Actor) -> None:
    row = register(clerk)
    with pytest.raises(Forbidden):
        as_(county, reveal_resident, opinion_id=row.pk, reason="检查工作")


def test_revealing_through_the_page(sign_in: SignIn, clerk: Actor) -> None:
    row, client = register(clerk), sign_in(clerk)
    address = f"/opinions/{row.pk}/reveal/"
    assert PHONE not in client.get(address).content.decode()
    assert "请填写查看理由" in client.post(address, {"reason": ""}).content.decode()
    assert PHONE in client.post(address, {"reason": "电话回访"}).content.decode()
