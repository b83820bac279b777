"""Addresses no page of ours links to: a NUL character, figures that are none. Answered in words, never 500."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from tests.factories import make_account

SENTENCE = "无法识别的字符"
# Lists that narrow by what the address says, with the parameters they know.
NARROWED = (
    ("/deputies/", ("q", "group", "constituency")),
    ("/admin/deputies/mandate/", ("q", "term", "group", "constituency", "sex", "state")),
    ("/admin/constituents/opinion/", ("q", "state", "urgency", "category")),
    ("/admin/constituents/suggestion/", ("q", "state", "category")),
    ("/admin/stations/receptionday/", ("state",)),
    ("/admin/stations/receptionrule/", ("rule",)),
    ("/admin/stations/leaverequest/", ("state",)),
    ("/admin/assessments/assessment/", ("state",)),
    ("/admin/assessments/feedbacknotice/", ("state", "ids")),
    ("/admin/assessments/scheme/", ("code",)),
    ("/assessments/", ("id",)),
    ("/stations/leave/", ("turn",)),
    ("/matrix/", ("term", "year", "group")),
    ("/p/", ("q",)),
)


@pytest.fixture
def anyone(township: Jurisdiction, term: object, sign_in: Callable[[Actor], Client]) -> Client:
    return sign_in(make_account(township, Role.PRESIDIUM_CLERK, name="李秘书"))


def _answers(client: Client, value: str) -> dict[str, int]:
    asked = [f"{path}?{name}={value}" for path, names in NARROWED for name in names]
    return {address: client.get(address).status_code for address in asked}


def test_a_nul_in_the_query_is_answered_400_with_a_sentence(anyone: Client) -> None:
    assert set(_answers(anyone, "a%00b").values()) == {400}
    assert SENTENCE in anyone.get("/deputies/?q=a%00b").content.decode()
    assert SENTENCE in anyone.get("/deputies/?a%00b=q").content.decode()


def test_a_nul_in_the_path_is_answered_400(client: Client, world: object) -> None:
    paths = ("/opinions/follow/a%00b/", "/s/a%00b/", "/s/a%00b/qr.svg")
    assert [client.get(path).status_code for path in paths] == [400, 400, 400]


def test_a_nul_in_a_form_is_answered_400(client: Client, world: object) -> None:
    answer = client.post("/sign-in/", {"username": "zz\x00", "password": "x"})
    assert answer.status_code == 400
    assert SENTENCE in answer.content.decode()


def test_the_interface_says_so_in_its_own_form(anyone: Client) -> None:
    answer = anyone.get("/api/v1/opinions/?state=a%00b")
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_figures_that_are_none_break_no_page(anyone: Client) -> None:
    for value in ("²", "①", "٣", "9" * 30):
        broken = {path: code for path, code in _answers(anyone, quote(value)).items() if code >= 500}
        assert broken == {}
