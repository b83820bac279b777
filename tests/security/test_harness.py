"""The checkers themselves: a wrong answer is called wrong."""

import pytest

from liaison import settings as settings_file
from liaison.words.enums import Role
from tests.security.asking import Answer
from tests.security.conftest import GATE
from tests.security.routes import Route
from tests.security.test_matrix import is_as_listed, missing_headers

PAGE = Route(
    name="stations_rota",
    may=frozenset({Role.PRESIDIUM_CLERK}),
    hidden=frozenset({Role.DEPUTY}),
    row="Station",
)
BACK_OFFICE = Route(
    name="admin:stations_station_change", may=frozenset({Role.PRESIDIUM_CLERK}), is_of_model=True
)


def answer(role: Role | None, status: int, location: str = "", **more: object) -> Answer:
    values: dict[str, object] = {
        "route": "x", "role": role, "key": "own", "url": "/", "status": status, "location": location,
        "marks": frozenset(), "has_personal": False, "noted": frozenset(), "headers": {},
    }  # fmt: skip
    return Answer(**(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "status", "location", "right"),
    [
        (Role.PRESIDIUM_CLERK, 200, "", True),
        (Role.PRESIDIUM_CLERK, 403, "", False),
        (Role.PRESIDIUM_CLERK, 302, "/sign-in/?next=/", False),
        (Role.DEPUTY, 404, "", True),
        (Role.DEPUTY, 200, "", False),
        (Role.HANDLING_UNIT, 403, "", True),
        (Role.HANDLING_UNIT, 200, "", False),
        (Role.HANDLING_UNIT, 500, "", False),
        (None, 302, "/sign-in/?next=/", True),
        (None, 200, "", False),
        (None, 403, "", False),
    ],
)
def test_the_table_decides(role: Role | None, status: int, location: str, right: bool) -> None:
    assert is_as_listed(PAGE, answer(role, status, location)) is right


def test_the_back_office_sends_outsiders_to_sign_in() -> None:
    assert is_as_listed(BACK_OFFICE, answer(Role.DEPUTY, 302, "/admin/login/?next=/"))
    assert not is_as_listed(BACK_OFFICE, answer(Role.DEPUTY, 200))
    assert not is_as_listed(BACK_OFFICE, answer(Role.SYSTEM_ADMIN, 200))


def test_a_missing_header_is_missed() -> None:
    assert "cache-control" in missing_headers(answer(None, 200))


def test_the_gate_of_accounts_stands_in_the_stack() -> None:
    """First passwords, second factors and the record of denials depend on it (read from the file itself)."""
    stack = settings_file.MIDDLEWARE
    assert GATE in stack, f"add {GATE} to MIDDLEWARE, right after liaison.web.middleware.ErrorMiddleware"
    assert stack.index(GATE) > stack.index("liaison.web.middleware.ErrorMiddleware")
