"""Two people at the same moment, in a database whose commits are real."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from constituents.enums import OpinionState as O
from constituents.enums import ReplyClass, Satisfaction
from constituents.models import Opinion, OpinionStep, RegisterScan
from constituents.services.handling import rate_opinion, reply_opinion
from constituents.services.intake import register_opinion
from constituents.services.scans import add_scans
from liaison.models import StoredFile
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import LiaisonError
from liaison.words.transitions import IllegalTransition
from tests.conftest import connect_as
from tests.constituents.makers import again, as_, case_in, intake, make_unit, register
from tests.constituents.test_paper_path import picture
from tests.factories import World, make_account, make_world
from tests.stack import create_database, drop_database


@pytest.fixture
def committed(django_db_setup: None, database_name: str, django_db_blocker: Any) -> Iterator[World]:
    """A world with its norms in a clone of the test database, outside any test transaction."""
    name = f"test_liaison_{os.getpid()}_opinions"
    connections["default"].close()
    create_database(name, database_name)
    connect_as("web", name)
    try:
        with django_db_blocker.unblock():
            world = make_world()
            yield world
    finally:
        connect_as("web", database_name)
        drop_database(name)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each with a connection of its own; errors come back as values."""
    gate = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except LiaisonError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_of_two_replies_one_stands(committed: World) -> None:
    place = committed["庄子乡"]
    clerk, unit = make_account(place, Role.PRESIDIUM_CLERK), make_unit(place, "乡水利站")
    row = case_in(clerk, O.HANDLING, unit)

    def reply(words: str) -> Any:
        return as_(clerk, reply_opinion, opinion_id=row.pk, reply=words, reply_class=ReplyClass.A)

    answers = together(lambda: reply("甲"), lambda: reply("乙"))
    refused = [each for each in answers if isinstance(each, IllegalTransition)]
    stood = [each for each in answers if isinstance(each, Opinion)]
    assert (len(refused), len(stood)) == (1, 1)
    assert again(row).reply == stood[0].reply
    with acting(system_actor()):
        assert OpinionStep._plain.filter(opinion=row, event="reply").count() == 1


def test_a_rating_counts_once_and_one_key_is_one_opinion(committed: World) -> None:
    place = committed["庄子乡"]
    clerk, unit = make_account(place, Role.PRESIDIUM_CLERK), make_unit(place, "乡水利站")
    row = case_in(clerk, O.REPLIED, unit)

    def rate() -> Any:
        return as_(clerk, rate_opinion, opinion=row, satisfaction=Satisfaction.DISSATISFIED)

    answers = together(rate, rate)
    assert sum(isinstance(each, IllegalTransition) for each in answers) == 1
    assert again(row).redo_count == 1

    def register() -> Any:
        return as_(clerk, register_opinion, intake=intake(), idempotency_key="same")

    first, second = together(register, register)
    assert first.pk == second.pk
    with acting(system_actor()):
        assert Opinion._plain.filter(idempotency_key__endswith=":same").count() == 1


def test_one_upload_sent_twice_at_once_is_one_scan(committed: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    clerk = make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
    row = register(clerk)

    def send() -> Any:
        files = [SimpleUploadedFile("登记表.jpg", picture())]
        return as_(clerk, add_scans, files=files, opinion_id=row.pk, idempotency_key="same")

    scans = [scan for found in together(send, send, send) for scan in found]
    assert len({scan.pk for scan in scans}) == 1
    with acting(system_actor()):
        assert RegisterScan._plain.count() == 1
        assert StoredFile._plain.count() == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
