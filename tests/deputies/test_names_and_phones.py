"""A name or a telephone is found however it is typed: office, back office, public page."""

from collections.abc import Callable

import pytest
from django.test import Client

from deputies.models import Mandate, Person
from deputies.selectors import matching
from deputies.services.people import name_values, phone_values
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import InvalidInput

SignIn = Callable[[Actor], Client]
NAMES = {
    "阿布都·热西提": ("阿布都•热西提", "阿布都 ・热西提", "阿布都.热西提"),
    "葛\U000e0100小明": ("葛小明", "葛 小明", "葛⼩明"),
}


def renamed(mandate: Mandate, name: str) -> None:
    with acting(system_actor()):
        Person._plain.filter(pk=mandate.person_id).update(**name_values(name))


@pytest.mark.parametrize("kept", NAMES)
def test_every_spelling_finds_the_person(sign_in: SignIn, clerk: Actor, mandate: Mandate, kept: str) -> None:
    renamed(mandate, kept)
    client = sign_in(clerk)
    for typed in NAMES[kept]:
        with acting(clerk):
            found = matching(Mandate.scoped(clerk).all(), search=typed)
            assert list(found) == [mandate], typed
        for page in ("/deputies/", "/admin/deputies/mandate/", "/admin/deputies/person/"):
            assert kept in client.get(page, {"q": typed}).content.decode(), (page, typed)


def test_a_person_s_telephone_follows_the_one_rule() -> None:
    assert phone_values("（0354）271 0000转8")["phone"] == "03542710000-8"
    assert phone_values("+86 138-1234-5678")["phone"] == "13812345678"
    with pytest.raises(InvalidInput) as refused:
        phone_values("2710000")
    said = "联系电话应为11位手机号码，或者带区号的固定电话（有分机的写作“转802”），请核对。"
    assert refused.value.fields == {"phone": said}
