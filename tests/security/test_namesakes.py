"""Two deputies of one name in one township: every page and paper of the house says which of them it means."""

import re
from html import unescape
from pathlib import Path

import pytest

from deputies.models import Mandate, Person
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from tests.factories import make_twin
from tests.security.asking import readable
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.routes import all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "quick")]

NAME = "尹双喜"
ROOT = Path(__file__).parents[2]
BARE_NAME = re.compile(
    r"\b(?:mandate|deputy|seat|turn|row|former|notice|sheet)\.person\.name\b|mandate__person__name\"\s*\)"
)
# Comparisons of names, and what stands for a person of a higher level.
OF_PERSONS = {"deputies/selectors.py"}
# Where the constituency stands in a field of its own beside the name, and the record of a person, who is no seat.
ALONE = {
    "deputies_print", "api_deputies", "api_deputy",
    "admin:deputies_person_changelist", "admin:deputies_person_change", "admin:deputies_person_history",
}  # fmt: skip


@pytest.fixture
def twin(nation: Nation) -> Mandate:
    own: Mandate = nation["own"]["Mandate"]
    with acting(system_actor()):
        Person._plain.filter(pk=own.person_id).update(name=NAME)
        own.person.name = NAME
    return make_twin(own)


def words_of(text: str) -> str:
    """What a person reads, without tags, scripts and addresses."""
    plain = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.S)
    return unescape(re.sub(r"<[^>]*>", " ", plain))


def bare(text: str) -> list[str]:
    """Where the name stands without what tells its bearers apart, with a few words around it."""
    return [m[0] for m in re.finditer(rf".{{0,12}}{NAME}(?!（).{{0,12}}", words_of(text))]


def test_no_page_leaves_open_which_of_two_namesakes_it_means(
    nation: Nation, clients: Clients, twin: Mandate
) -> None:
    found: dict[str, set[str]] = {}
    named = set()
    for route in all_routes():
        if route.method != "get":
            continue
        response = clients[Role.PRESIDIUM_CLERK].get(route.address(nation, "own"))
        if response.status_code == 200 and NAME in (text := readable(response)):
            named.add(route.name)
            found.setdefault(route.name, set()).update(bare(text))
    unclear = {name: sorted(words)[:3] for name, words in found.items() if words and name not in ALONE}
    assert named >= ALONE
    assert unclear == {}, "\n".join(f"{name}: {words}" for name, words in unclear.items())
    assert len(named) > 40


def test_no_module_writes_a_deputys_name_by_itself() -> None:
    """`Mandate.full_name` tells namesakes apart; the bare name is for those who ask for the person."""
    found = set()
    for app in ("deputies", "stations", "constituents", "assessments", "reports"):
        for layer in ("views", "documents", "admin", "selectors", "services"):
            for path in [*(ROOT / app).glob(f"{layer}.py"), *(ROOT / app / layer).rglob("*.py")]:
                if BARE_NAME.search(path.read_text(encoding="utf-8")):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == OF_PERSONS
