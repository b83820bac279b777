"""The code of a resident: shown once to whoever registered the matter, kept as a digest, renewed for a reason."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit, Opinion, OpinionStep, digest_of_code
from constituents.services.purging import purge_residents
from constituents.services.query_codes import renew_query_code, show_query_code
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Conflict, Forbidden, InvalidInput
from tests.constituents.makers import NOW, again, as_, case_in, register

SignIn = Callable[[Actor], Client]
WHY = "群众遗失回执，本人到站申请"


def slip(row: Opinion) -> str:
    return f"/opinions/{row.pk}/receipt/"


def entries(operation: str) -> list[AuditEntry]:
    with acting(system_actor()):
        return list(AuditEntry._plain.filter(operation=operation).order_by("seq"))


def columns(row: Opinion) -> str:
    """Everything the database holds of the row, as text."""
    with acting(system_actor()), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(o)::text FROM constituents_opinion o WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def followed(code: str) -> int:
    return Client().get(f"/opinions/follow/{code}/").status_code


def test_opening_the_slip_shows_no_code_and_pressing_the_button_shows_it_once(
    sign_in: SignIn, deputy_actor: Actor, station_clerk: Actor
) -> None:
    row = register(station_clerk, station_id=station_clerk.station_id)
    code, client = row.query_code, sign_in(station_clerk)
    for _ in range(2):
        opened = client.get(slip(row)).content.decode()
        assert code not in opened
        assert "显示查询码" in opened
    assert entries("show_query_code") == []
    shown = client.post(slip(row))
    assert shown.status_code == 200
    assert shown.content.decode().count(code) == 1
    assert {entry.row_ref for entry in entries("show_query_code")} == {row.pk}
    assert client.post(slip(row)).status_code == 409
    after = client.get(slip(row)).content.decode()
    assert code not in after
    assert "换发" in after
    assert "显示查询码" not in after
    assert followed(code) == 200


def test_the_database_holds_a_seal_until_it_was_shown_and_a_digest_afterwards(clerk: Actor) -> None:
    row = register(clerk)
    code = row.query_code
    assert len(code) == 22
    assert code not in columns(row)
    assert as_(clerk, show_query_code, opinion_id=row.pk) == code
    assert again(row).query_code_waiting == ""
    assert again(row).query_code_digest == digest_of_code(code)
    assert code not in columns(row)


def test_a_code_in_clear_is_refused_by_the_database(clerk: Actor) -> None:
    row = register(clerk)
    with (
        acting(system_actor()),
        pytest.raises(IntegrityError, match="opinion_code_digest"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE constituents_opinion SET query_code_digest = %s WHERE id = %s", [row.query_code, row.pk]
        )


def test_the_office_does_not_take_the_code_another_registered(
    sign_in: SignIn, clerk: Actor, deputy_actor: Actor, station_clerk: Actor
) -> None:
    row = register(station_clerk, station_id=station_clerk.station_id)
    opened = sign_in(clerk).get(slip(row)).content.decode()
    assert row.query_code not in opened
    assert "显示查询码" not in opened
    with pytest.raises(Forbidden):
        as_(clerk, show_query_code, opinion_id=row.pk)
    assert sign_in(clerk).post(slip(row), {"reason": ""}).status_code == 200
    assert again(row).query_code == row.query_code


def test_a_new_code_has_a_reason_in_trail_and_timeline_and_ends_the_old_one(
    sign_in: SignIn, clerk: Actor, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.REPLIED, unit)
    old, client = row.query_code, sign_in(clerk)
    client.post(slip(row))
    page = client.post(slip(row), {"reason": WHY})
    assert page.status_code == 200
    new = page.context["code"]
    assert len(new) == 22
    assert page.content.decode().count(new) == 1
    assert new not in client.get(slip(row)).content.decode()
    assert (followed(old), followed(new)) == (404, 200)
    assert {entry.reason for entry in entries("renew_query_code")} == {WHY}
    with acting(system_actor()):
        step = OpinionStep._plain.filter(opinion=row).latest("pk")
    assert (step.event, step.from_state, step.to_state, step.note, step.done_by_id) == (
        "renew_code", "replied", "replied", WHY, clerk.account_id,
    )  # fmt: skip
    told = client.get(f"/opinions/{row.pk}/").content.decode()
    assert "换发查询码" in told
    assert WHY in told
    assert again(row).state == O.REPLIED


@pytest.mark.parametrize("reason", ["", " ", "丢"])
def test_no_new_code_without_a_reason(clerk: Actor, reason: str) -> None:
    row = register(clerk)
    with pytest.raises(InvalidInput):
        as_(clerk, renew_query_code, opinion_id=row.pk, reason=reason)
    assert again(row).query_code_digest == digest_of_code(row.query_code)


def test_a_new_code_is_made_by_the_office_only(sign_in: SignIn, station_clerk: Actor, clerk: Actor) -> None:
    row = register(station_clerk, station_id=station_clerk.station_id)
    with pytest.raises(Forbidden):
        as_(station_clerk, renew_query_code, opinion_id=row.pk, reason=WHY)
    assert sign_in(station_clerk).post(slip(row), {"reason": WHY}).status_code == 403
    assert again(row).query_code_digest == digest_of_code(row.query_code)


def test_a_waiting_code_goes_with_the_resident(clerk: Actor, unit: HandlingUnit) -> None:
    row = case_in(clerk, O.CLOSED, unit)
    system = system_actor()
    with acting(system):
        assert purge_residents(actor=system, before=NOW.date().replace(year=2030), now=NOW) == 1
    assert again(row).query_code_waiting == ""
    with pytest.raises(Conflict):
        as_(clerk, renew_query_code, opinion_id=row.pk, reason=WHY)
