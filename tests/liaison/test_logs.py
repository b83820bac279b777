"""What the log may not say: query codes, calendar keys, and what a failing statement holds."""

import io
import json
import logging
from collections.abc import Iterator

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from liaison.web.logs import SECRET_PATHS, JsonFormatter
from tests.factories import World

WORDS = "渠水堵了三个月没人管，我叫张建国"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as the running program writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield out
    finally:
        root.removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "INSERT INTO liaison_documentcounter (scope_code, code, year, last_number) VALUES (1, left(%s, 9), 1, 1)",
            "42501",
        ),
        ("SELECT %s::integer", "22P02"),
        ("SELECT nothing_of_that_name(%s)", "42883"),
    ],
)
def test_a_database_error_is_logged_by_its_number_and_without_a_word_of_the_statement(
    log: io.StringIO, statement: str, told: str
) -> None:
    for as_argument in (False, True):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [WORDS])
        except DatabaseError as error:
            if as_argument:
                logging.getLogger("x").error("not saved: %s", error)
                logging.getLogger("x").error(f"not saved: {error!r}")
            else:
                logging.getLogger("x").exception("database error")
    assert WORDS not in log.getvalue()
    trace = json.loads(log.getvalue().splitlines()[0])["trace"]
    assert (told in trace, "cursor.execute(statement, [WORDS])" in trace) == (True, True)


@pytest.mark.django_db
def test_a_row_refused_by_a_constraint_is_named_and_its_content_not_logged(
    log: io.StringIO, world: World
) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE pg_temp.nothing (word text)")
    except DatabaseError:
        logging.getLogger("x").exception("refused")
    error = psycopg2.errors.UniqueViolation(
        f'duplicate key value violates unique constraint "once"\nDETAIL:  Key (words)=({WORDS}) already exists.\n'
    )
    logging.getLogger("celery").error("Task x raised: %(exc)s", {"exc": repr(error)})
    logging.getLogger("celery").error("Task x raised: %s", error, exc_info=(type(error), error, None))
    assert WORDS not in log.getvalue()


@pytest.mark.django_db
def test_the_log_of_a_refused_address_holds_neither_query_code_nor_calendar_key(log: io.StringIO) -> None:
    client = Client()
    client.post(reverse("constituents_rate", args=["NBKf6nsXZ_QK14aEj93yxg"]), {"satisfaction": "x"})
    client.get(reverse("stations_calendar_feed", args=["12345-SecretOfTheCalendar0123456789"]))
    client.get("/files/1/?key=SecretOfTheFile")
    for address in ("/files/1/?key=SecretOfTheFile&x=1", "/opinions/follow/NBKf6nsXZ_QK14aEj93yxg/rate/"):
        logging.getLogger("django.request").warning("Conflict: %s", address)
    told = log.getvalue()
    assert "Not Found: /stations/calendar/…" in told
    assert "Conflict: /opinions/follow/…/rate/" in told
    assert [word for word in ("NBKf6nsXZ", "SecretOf") if word in told] == []


def test_every_address_with_a_word_in_it_is_a_secret_path_or_harmless() -> None:
    """A new route with a secret in its address is added to ``SECRET_PATHS``, or named here as harmless."""
    harmless = {
        "opinions/do/<str:code>/", "opinions/suggestions/do/<str:code>/", "deputies/change/<str:event>/",
        "accounts/give/<str:kind>/",
        "matrix/deputy/<int:mandate_id>/<str:code>/", "matrix/<int:group_id>/<str:code>/",
        "compare/<int:scope_code>/<str:figure>/", "s/<str:code>/", "s/<str:code>/qr.svg",
    }  # fmt: skip
    found = {
        path
        for path in _paths(get_resolver(), "")
        if "<str:" in path and not path.startswith(("admin/", "api/"))
    }
    assert {path for path in found if not path.startswith(SECRET_PATHS)} == harmless


def _paths(resolver: URLResolver, head: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        whole = f"{head}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _paths(each, whole)
        elif isinstance(each, URLPattern):
            yield whole


@pytest.mark.django_db
def test_the_own_server_logs_no_statement_and_no_value() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('log_min_error_statement'), current_setting('log_error_verbosity'), "
            "current_setting('log_parameter_max_length_on_error'), current_setting('log_statement'), "
            "current_setting('log_min_duration_statement')"
        )
        assert cursor.fetchone() == ("panic", "terse", "0", "none", "-1")
