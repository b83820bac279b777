"""Caps without a race, and requests that are made to hurt: nested, endless, doubly packed."""

import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from constituents.services.reveal import DAILY_REVEALS, take_reveals
from deputies.services.people import REVEALS_PER_DAY, reveal_phone
from liaison.files.pictures import Unfit
from liaison.files.upload_checks import check_pdf
from liaison.tenancy.scope import Actor, acting
from liaison.web.phone_records import owner_of
from liaison.words.enums import Role
from liaison.words.errors import Refused
from tests.factories import World, make_account, make_mandate, make_term
from tests.liaison.conftest import at_once, committed  # noqa: F401  fixtures
from tests.liaison.hostile_files import packed_pdf, pdf


def test_two_reveals_at_the_cap_let_one_through(
    committed: World,  # noqa: F811
    at_once: Callable[[int, Callable[[int], Any]], list[Any]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clerk = make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
    person = make_mandate(make_term(committed["庄子乡"])).person
    counted = "deputies.services.people.reveals_today"
    whole = __import__("deputies.services.people", fromlist=["x"]).reveals_today

    def slow(actor: Actor, now: Any) -> int:
        found = whole(actor, now)
        time.sleep(0.3)
        return int(found) + REVEALS_PER_DAY - 1

    monkeypatch.setattr(counted, slow)

    def one(_: int) -> str:
        try:
            with acting(clerk):
                reveal_phone(actor=clerk, person_id=person.pk, reason="通知参加接待日", now=timezone.now())
        except Refused:
            return "refused"
        return "shown"

    assert sorted(at_once(2, one)) == ["refused", "shown"]


def test_all_ways_of_revealing_hold_the_account_while_they_count() -> None:
    from inspect import getsource

    for service in (take_reveals, reveal_phone):
        assert "one_at_a_time(actor)" in getsource(service)
    assert (DAILY_REVEALS, REVEALS_PER_DAY) == (30, 30)


def doubly_packed(inner: bytes, filters: bytes) -> bytes:
    part = packed_pdf(inner)
    return part.replace(b"/Filter /FlateDecode", filters)


@pytest.mark.parametrize(
    "filters",
    [
        b"/Filter [/FlateDecode /FlateDecode]",
        b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>",
        b"/Filter /FlateDecode /Decode#50arms << /Predictor 12 >>",
        b"/Filter 7 0 R",
        b"/Filter [ /FlateDecode ]",
        b"/Filter /ASCIIHexDecode",
    ],
)
def test_a_paper_whose_objects_are_packed_in_stages_is_refused(filters: bytes) -> None:
    twice = zlib.compress(b"9 0 << /S /JavaScript /JS (x) >>")
    with pytest.raises(Unfit):
        check_pdf(doubly_packed(twice, filters))


def test_a_paper_packed_once_is_taken_and_one_that_ends_before_it_does_is_not() -> None:
    check_pdf(packed_pdf(b"<< /Type /Catalog >>"))
    whole = packed_pdf(bytes(range(256)) * 40)
    at = whole.index(b"stream\n", whole.index(b"/ObjStm")) + 30
    with pytest.raises(Unfit):
        check_pdf(whole[:at] + b"endstream" + whole[at:])


@pytest.mark.parametrize("body", [b"stream\n#41#42", b"/Type /ObjStm /Filter /FlateDecode obj stream\nx\xda"])
def test_a_paper_of_endless_streams_is_refused_in_bounded_time(body: bytes) -> None:
    data = pdf().replace(b"xref\n0 3", body * (9_500_000 // len(body)) + b"\nxref\n0 3")
    began = time.monotonic()
    with pytest.raises(Unfit):
        check_pdf(data)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("raw", ["[" * 60_000, '{"a":' * 12_000, "{", "null", "[]", "\ud800"])
def test_a_record_that_is_none_is_refused_in_words(
    raw: str, deputy_actor: Actor, sign_in: Callable[[Actor], Client]
) -> None:
    client = sign_in(deputy_actor)
    answer = client.post(
        "/opinions/desk/", raw.encode("utf-8", "surrogatepass"), content_type="application/json",
        headers={"Idempotency-Key": "k" * 20, "X-Desk-Owner": owner_of(deputy_actor)},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["state"]) == (400, "refused")
