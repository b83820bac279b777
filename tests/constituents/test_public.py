"""Residents without an account: by the code only, one answer for every wrong one, tries counted."""

import secrets
from typing import Any

import pytest
from django.test import Client

from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit, OpinionStep
from constituents.services.handling import merge_opinion
from constituents.views.public import MISSES, RATINGS
from liaison.identity import throttling
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.constituents.makers import again, as_, case_in, register

FOLLOW = "/opinions/follow/"


def body(response: Any, *codes: str) -> str:
    """The page without what differs by nature: the code that was typed and the form's token."""
    text = response.content.decode()
    for code in codes:
        text = text.replace(code, "X")
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower())


def test_the_form_opens_and_finds(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.HANDLING, unit)
    assert Client().get(FOLLOW).status_code == 200
    found = Client().post(FOLLOW, {"code": f" {row.query_code} "})
    assert found.status_code == 200
    assert "承办单位正在办理" in found.content.decode()
    assert row.content not in found.content.decode()
    # No other site learns the code, and the form of the page still says where it comes from.
    assert found["Referrer-Policy"] == "same-origin"


def test_every_wrong_code_gets_the_same_answer(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.HANDLING, unit)
    wrong = (
        "aaaaaaaaaaaa",
        "不存在",
        "../../etc",
        row.query_code[:-1],
        row.query_code.swapcase(),
        "' OR 1=1 --",
    )
    answers = [Client(REMOTE_ADDR=f"10.0.0.{n}").post(FOLLOW, {"code": code}) for n, code in enumerate(wrong)]
    assert {answer.status_code for answer in answers} == {404}
    pages = {body(answer, code, "&#x27; OR 1=1 --") for answer, code in zip(answers, wrong, strict=True)}
    assert len(pages) == 1


def test_five_hundred_guesses_find_nothing(clerk: Actor, unit: HandlingUnit) -> None:
    rows = [case_in(clerk, O.REPLIED, unit) for _ in range(2)]
    client = Client()
    codes = [secrets.token_urlsafe(16) for _ in range(500)]
    answers = [client.get(f"{FOLLOW}{code}/").status_code for code in codes]
    assert answers.count(200) == 0
    assert answers.count(404) == MISSES.most
    assert answers.count(429) == 500 - MISSES.most
    # The block holds for the guesser's address and not for others.
    assert client.get(f"{FOLLOW}{rows[0].query_code}/").status_code == 429
    assert Client(REMOTE_ADDR="10.9.9.9").get(f"{FOLLOW}{rows[0].query_code}/").status_code == 200


def test_rating_by_the_resident(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.REPLIED, unit)
    rate = f"{FOLLOW}{row.query_code}/rate/"
    missing = Client().post(rate, {"satisfaction": ""})
    assert "请选择您的评价" in missing.content.decode()
    assert Client().post(rate, {"satisfaction": "dissatisfied", "note": "没修好"}).status_code == 302
    assert again(row).state == O.REDO
    with acting(system_actor()):
        step = OpinionStep._plain.filter(opinion=row).latest("pk")
    assert (step.event, step.done_by_id, step.note) == ("rate_dissatisfied", None, "没修好")
    assert Client().post(rate, {"satisfaction": "satisfied"}).status_code == 409


def test_ratings_of_one_code_are_counted(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.REPLIED, unit)
    rate = f"{FOLLOW}{row.query_code}/rate/"
    answers = [
        Client(REMOTE_ADDR=f"10.0.1.{n}").post(rate, {"satisfaction": "?"}).status_code
        for n in range(RATINGS.most + 1)
    ]
    assert answers == [200] * RATINGS.most + [429]


@pytest.mark.django_db
def test_ratings_are_sent_not_opened() -> None:
    assert Client().get(f"{FOLLOW}x/rate/").status_code == 405


@pytest.mark.django_db
def test_rating_with_an_unknown_code() -> None:
    assert Client().post(f"{FOLLOW}unknown/rate/", {"satisfaction": "satisfied"})["Location"] == FOLLOW


def test_a_merged_case_shows_the_way_of_the_main_one(clerk: Actor, unit: HandlingUnit) -> None:
    main, twin = case_in(clerk, O.REPLIED, unit), register(clerk)
    twin = case_in(clerk, O.TRIAGED, unit)
    as_(clerk, merge_opinion, opinion_id=twin.pk, into_id=main.pk)
    shown = Client().get(f"{FOLLOW}{twin.query_code}/").content.decode()
    assert "与同一事项合并办理" in shown
    assert "水管已修好" in shown
    assert "评价" not in shown


def test_a_cache_that_is_down_lets_people_through(
    clerk: Actor, unit: HandlingUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError(name)

    monkeypatch.setattr(throttling, "cache", Down())
    row = case_in(clerk, O.REPLIED, unit)
    assert Client().get(f"{FOLLOW}wrong/").status_code == 404
    assert Client().get(f"{FOLLOW}{row.query_code}/").status_code == 200
