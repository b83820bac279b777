"""Numbers said in the middle of a sentence: no page, list, file, interface, paper or message shows one."""

import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from constituents.documents import papers
from constituents.enums import NotAcceptedReason, ReplyClass, Satisfaction
from constituents.models import HandlingUnit, Opinion, OpinionStep, Suggestion
from constituents.services.handling import (
    accept_opinion,
    assign_opinion,
    not_accept_opinion,
    rate_opinion,
    reply_opinion,
    triage_opinion,
)
from constituents.services.reveal import reveal_resident
from constituents.services.suggestions import submit_suggestion
from deputies.models import Mandate, Person
from liaison.documents.pdf import render_documents
from liaison.messages.outbox import notify
from liaison.models import AuditEntry, Notification
from liaison.tenancy.masked_fields import rows_containing
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.masking import masked
from stations.models import Station
from tests.constituents.makers import NOW, again, as_, register
from tests.liaison.pdf_reading import text_of

SignIn = Callable[[Actor], Client]
CONTENT = "我电话13812345678，微信１３９ １２３４ ５６７８，水管漏水三天没人修"
WISH = "请打一三七一二三四五六七八"
ANSWER = "家里座机0354-2345678，已解释"
REPLY = "已与136-1234-5678联系办妥"
NOTE = "回访135 1234 5678，身份证14070219581203002X"
SAID = (
    "13812345678", "１３９ １２３４ ５６７８", "一三七一二三四五六七八", "0354-2345678", "136-1234-5678",
    "135 1234 5678", "14070219581203002X",
)  # fmt: skip
SHOWN = "我电话138****5678，微信139****5678，水管漏水三天没人修"


@pytest.fixture
def case(clerk: Actor, station: Station, mandate: Mandate, unit: HandlingUnit) -> Opinion:
    """A confidential case with a number in every text, replied to and still to be rated."""
    facts = {"content": CONTENT, "wish": WISH, "on_spot_answer": ANSWER, "proposal": NOTE}
    row = register(clerk, station_id=station.pk, deputy_id=mandate.pk, is_confidential=True, **facts)
    as_(clerk, triage_opinion, opinion_id=row.pk)
    as_(clerk, assign_opinion, opinion_id=row.pk, unit_id=unit.pk, note=NOTE)
    as_(clerk, accept_opinion, opinion_id=row.pk)
    as_(clerk, reply_opinion, opinion_id=row.pk, reply=REPLY, reply_class=ReplyClass.A)
    return again(row)


@pytest.fixture
def waiting(clerk: Actor, station: Station, mandate: Mandate) -> Opinion:
    """A matter as it came in: what today's queue shows."""
    return register(clerk, station_id=station.pk, deputy_id=mandate.pk, content=CONTENT, wish=WISH)


def _left(text: str) -> list[str]:
    return [said for said in SAID if said in text]


def _answer(client: Client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    if "json" in response["Content-Type"]:
        return json.dumps(response.json(), ensure_ascii=False)
    return text_of(response.content) if "pdf" in response["Content-Type"] else response.content.decode()


def _cases(row: Opinion) -> list[str]:
    return [reverse("constituents_opinion", args=[row.pk])]


OFFICE_PAGES = ("/", "/admin/", "/admin/constituents/opinion/")


@pytest.mark.usefixtures("waiting", "_at_noon")
def test_the_queue_and_the_index_show_the_matter_masked(sign_in: SignIn, clerk: Actor, chair: Actor) -> None:
    for actor in (clerk, chair):
        for address in OFFICE_PAGES:
            assert _left(_answer(sign_in(actor), address)) == [], address
        assert "138****5678" in _answer(sign_in(actor), "/")


@pytest.fixture
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def readers(
    clerk: Actor, chair: Actor, county: Actor, handler: Actor, station_clerk: Actor, deputy_actor: Actor
) -> dict[str, Actor]:
    return {
        "clerk": clerk, "chair": chair, "county": county, "unit": handler, "station clerk": station_clerk,
        "deputy": deputy_actor,
    }  # fmt: skip


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize("who", ["clerk", "chair", "county", "unit", "station clerk", "deputy"])
def test_no_reader_of_a_case_sees_a_number_anywhere(
    sign_in: SignIn, readers: dict[str, Actor], who: str, case: Opinion, waiting: Opinion
) -> None:
    client = sign_in(readers[who])
    lists = {
        "unit": ["/", "/opinions/unit/"],
        "deputy": ["/", "/opinions/mine/"],
        "county": ["/", "/admin/constituents/opinion/"],
    }.get(who, list(OFFICE_PAGES))
    shown = {
        address: _answer(client, address) for address in [*lists, *_cases(case), reverse("api_opinions")]
    }
    shown["interface"] = _answer(client, reverse("api_opinion", args=[case.pk]))
    assert {address: _left(text) for address, text in shown.items()} == {address: [] for address in shown}
    told = json.loads(shown["interface"])
    assert told["content"] == SHOWN
    assert told["wish"] == "请打137****5678"
    assert told["reply"] == "已与136****5678联系办妥"


@pytest.mark.usefixtures("_at_noon")
def test_the_timeline_and_the_small_forms_show_notes_masked(
    sign_in: SignIn, clerk: Actor, case: Opinion
) -> None:
    page = _answer(sign_in(clerk), reverse("constituents_opinion", args=[case.pk]))
    assert "回访135****5678，身份证（证件号已隐去）" in page
    assert SHOWN in page
    for code in ("rate", "reply"):
        address = f"{reverse('constituents_opinion_action', args=[code])}?id={case.pk}"
        response = sign_in(clerk).get(address)
        assert _left(response.content.decode()) == [], code


def test_the_resident_follows_the_answer_without_numbers(case: Opinion) -> None:
    page = Client().get(f"/opinions/follow/{case.query_code}/").content.decode()
    assert "已与136****5678联系办妥" in page
    assert _left(page) == []


def test_where_to_turn_to_keeps_the_telephone_of_the_office(clerk: Actor) -> None:
    row = register(clerk)
    as_(clerk, triage_opinion, opinion_id=row.pk)
    told = "区人民法院0354-2660000，或者找王法官13812345678"
    as_(clerk, not_accept_opinion, opinion_id=row.pk, reason=NotAcceptedReason.LITIGATION, told_where=told)
    page = Client().get(f"/opinions/follow/{row.query_code}/").content.decode()
    assert "区人民法院0354-2660000，或者找王法官138****5678" in page


def test_the_ledger_holds_no_number(clerk: Actor, case: Opinion) -> None:
    with acting(clerk):
        rows = papers.exported_opinions(clerk)
        data = papers.export_opinions(actor=clerk, rows=rows, reason="报区人大备案", now=NOW)
    book = ZipFile(io.BytesIO(data))
    inside = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    assert _left(inside) == []
    assert SHOWN in inside
    assert "已与136****5678联系办妥" in inside


def test_paper_is_masked_and_whole_only_for_a_reason(clerk: Actor, case: Opinion) -> None:
    with acting(clerk):
        row = papers.register_rows(Opinion.scoped(clerk).filter(pk=case.pk)).get()
        plain, full = papers.filled_register(row), papers.filled_register(row, is_full=True)
    shown, whole = (
        text_of(render_documents([form], title="x", author="y", created_at=NOW)) for form in (plain, full)
    )
    assert _left(shown) == []
    assert "138****5678" in shown
    assert "13812345678" in whole
    assert (full.content, full.request, full.result) == (CONTENT, WISH, REPLY)


def test_a_message_holds_no_number_however_long_its_title_is(clerk: Actor, world: Any) -> None:
    assert clerk.account_id is not None
    title = f"{'事' * 112}13812345678"
    with acting(clerk):
        notify(
            account_id=clerk.account_id,
            scope_code=clerk.lo,
            title=title,
            body=CONTENT,
            link="",
            dedupe_key="k",
            now=NOW,
        )
    with acting(system_actor()):
        told = Notification._plain.get()
    assert (str(told.title), told.body.in_full()) == (f"{'事' * 112}138****5678", SHOWN)


def test_the_numbers_are_shown_with_the_resident_for_a_reason(
    sign_in: SignIn, clerk: Actor, case: Opinion, waiting: Opinion
) -> None:
    found = as_(clerk, reveal_resident, opinion_id=case.pk, reason="电话回访")
    assert found.words[:5] == (
        ("内容（原话原意）", CONTENT), ("诉求", WISH), ("当场答复", ANSWER), ("拟办意见", NOTE), ("办理结果", REPLY),
    )  # fmt: skip
    assert {words for _label, words in found.words[5:]} == {NOTE, REPLY}
    page = sign_in(clerk).post(reverse("constituents_reveal", args=[waiting.pk]), {"reason": "电话回访"})
    assert CONTENT in page.content.decode()
    with acting(system_actor()):
        entry = AuditEntry._plain.filter(operation="reveal_resident").first()
    assert entry is not None
    assert "138" not in entry.detail


def test_the_database_keeps_what_was_said(case: Opinion) -> None:
    with acting(system_actor()):
        row = Opinion._plain.get(pk=case.pk)
        assert (row.content.in_full(), row.wish.in_full(), row.reply.in_full()) == (CONTENT, WISH, REPLY)
        assert Opinion._plain.filter(content=CONTENT, pk=case.pk).exists()
        assert str(Opinion._plain.values_list("content", flat=True).get(pk=case.pk)) == SHOWN
        step = OpinionStep._plain.filter(opinion=row, event="assign").get()
    assert (str(step.note), step.note.in_full()) == (masked(NOTE), NOTE)


def test_a_text_just_written_is_masked_before_it_is_read_again(clerk: Actor) -> None:
    row = register(clerk, content=CONTENT)
    assert (str(row.content), row.content[:14]) == (SHOWN, SHOWN[:14])


def test_words_that_come_back_masked_keep_their_numbers(deputy_actor: Actor, mandate: Mandate) -> None:
    row = as_(
        deputy_actor, submit_suggestion, mandate_ids=[mandate.pk], title="关于修缮东庄村桥梁的建议", content=CONTENT,
        submitted_on=NOW.date(),
    )  # fmt: skip
    with acting(system_actor()):
        row = Suggestion._plain.get(pk=row.pk)
        row.content = f"请注意：{row.content}。另请打13000000000"
        row.save(update_fields=["content"])
        kept = Suggestion._plain.get(pk=row.pk).content
    assert kept.in_full() == f"请注意：{CONTENT}。另请打13000000000"
    assert str(kept) == f"请注意：{SHOWN}。另请打130****0000"


def test_the_public_page_shows_a_deputys_words_masked(mandate: Mandate) -> None:
    with acting(system_actor()):
        Person._plain.filter(pk=mandate.person_id).update(
            introduction="致富带头人，联系138 1234 5678", occupation="庄子村0354-2345678"
        )
        person = Person._plain.get(pk=mandate.person_id)
    assert (str(person.introduction), str(person.occupation)) == (
        "致富带头人，联系138****5678",
        "庄子村0354-*****78",
    )


def test_a_rating_of_the_resident_is_masked_in_the_story(
    sign_in: SignIn, clerk: Actor, case: Opinion
) -> None:
    as_(clerk, rate_opinion, opinion=case, satisfaction=Satisfaction.SATISFIED, note=NOTE)
    page = _answer(sign_in(clerk), reverse("constituents_opinion", args=[case.pk]))
    assert _left(page) == []


@pytest.mark.usefixtures("_at_noon")
def test_a_hidden_number_cannot_be_guessed_by_searching(
    sign_in: SignIn, clerk: Actor, county: Actor, case: Opinion, waiting: Opinion
) -> None:
    asked = {"8123": 0, "13812345678": 0, "138*": 0, "水管": 2, "三天": 2, case.number: 1}
    with acting(clerk):
        rows = Opinion.scoped(clerk)
        found = {words: rows_containing(rows, words, "number", "content").count() for words in asked}
    assert found == asked
    for words, count in (("8123", 0), ("水管", 2)):
        told = sign_in(county).get(reverse("api_opinions"), {"text": words}).json()
        assert len(told["results"]) == count
        page = sign_in(clerk).get("/admin/constituents/opinion/", {"q": words}).content.decode()
        assert page.count('name="_selected_action" value') == count
