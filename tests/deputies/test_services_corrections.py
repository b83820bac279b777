"""One act corrects person and seat; an account is given once; a waiting roster is its uploader's alone."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from deputies.models import DeputyGroup, Mandate, Person, Term
from deputies.roster_import import waiting_file
from deputies.roster_import.preview import Options, is_empty_congress
from deputies.roster_import.waiting_file import discard, fetch, keep, ticket_of
from deputies.roster_import.write import options_from
from deputies.services import correct_deputy, give_accounts
from liaison.models import Account, AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from tests.factories import NOW, make_account, make_deputy_actor, make_mandate, make_term

ROSTER = "序号,姓名\n1,王建国\n".encode()


def account_of(actor: Actor) -> Account:
    with acting(system_actor()):
        return Account.objects.get(pk=actor.account_id)


class TestCorrecting:
    def test_person_and_seat_change_as_one_act(self, as_clerk: Actor, mandate: Mandate) -> None:
        correct_deputy(
            actor=as_clerk, mandate_id=mandate.pk, person={"name": "王建军"}, seat={"list_number": 12}, now=NOW
        )  # fmt: skip
        row = Mandate.scoped(as_clerk).select_related("person").get(pk=mandate.pk)
        assert (row.person.name, row.person.name_search, row.list_number) == ("王建军", "wangjianjun wjj", 12)
        entries = AuditEntry.scoped(as_clerk).filter(operation__in=("update_person", "update_mandate"))
        assert sorted(entries.values_list("operation", "table_name")) == [
            ("update_mandate", "deputies_mandate"),
            ("update_person", "deputies_person"),
        ]

    def test_a_fault_of_the_person_leaves_the_seat_as_it_was(self, as_clerk: Actor, mandate: Mandate) -> None:
        with pytest.raises(InvalidInput) as caught:
            correct_deputy(
                actor=as_clerk, mandate_id=mandate.pk, person={"phone": "123"}, seat={"list_number": 12}, now=NOW
            )  # fmt: skip
        assert list(caught.value.fields) == ["phone"]
        assert Mandate.scoped(as_clerk).get(pk=mandate.pk).list_number == mandate.list_number

    def test_the_neighbour_corrects_nobody(self, other_clerk: Actor, mandate: Mandate) -> None:
        with acting(other_clerk), pytest.raises(OutOfScope):
            correct_deputy(
                actor=other_clerk, mandate_id=mandate.pk, person={}, seat={"list_number": 12}, now=NOW
            )

    def test_what_does_not_differ_is_not_written(self, as_clerk: Actor, mandate: Mandate) -> None:
        correct_deputy(
            actor=as_clerk, mandate_id=mandate.pk, person={"sex": mandate.person.sex},
            seat={"list_number": mandate.list_number}, now=NOW,
        )  # fmt: skip
        written = AuditEntry.scoped(as_clerk).filter(operation__in=("update_person", "update_mandate"))
        assert not written.exists()


class TestGivingAnAccount:
    def test_messages_to_the_person_reach_the_account(
        self, as_clerk: Actor, mandate: Mandate, make_actor
    ) -> None:
        account = account_of(make_actor("庄子乡", Role.DEPUTY, person_ref=mandate.person_id))
        give_accounts({mandate.person_id: account})
        give_accounts({mandate.person_id: account})
        assert Person.scoped(as_clerk).get(pk=mandate.person_id).account_id == account.pk
        assert AuditEntry.scoped(as_clerk).filter(operation="give_account").count() == 1

    def test_who_signs_in_already_gets_no_second_account(
        self, as_clerk: Actor, mandate: Mandate, deputy_actor: Actor, make_actor
    ) -> None:
        held = account_of(deputy_actor)
        other = account_of(make_actor("庄子乡", Role.DEPUTY, person_ref=mandate.person_id))
        with pytest.raises(InvalidInput) as caught:
            give_accounts({mandate.person_id: other})
        assert caught.value.fields == {
            "person_ref": f"王建国已有账号“{held.username}”，请任命那个账号。"
        }  # fmt: skip
        assert Person.scoped(as_clerk).get(pk=mandate.person_id).account_id == held.pk

    def test_an_account_out_of_use_gives_way(
        self, as_clerk: Actor, mandate: Mandate, deputy_actor: Actor, make_actor
    ) -> None:
        with acting(system_actor()):
            Account.objects.filter(pk=deputy_actor.account_id).update(is_active=False)
        new = account_of(make_actor("庄子乡", Role.DEPUTY, person_ref=mandate.person_id))
        give_accounts({mandate.person_id: new})
        assert Person.scoped(as_clerk).get(pk=mandate.person_id).account_id == new.pk

    def test_a_seat_at_a_second_level_leaves_the_first_record_its_messages(
        self, as_clerk: Actor, mandate: Mandate, colleague: Mandate, deputy_actor: Actor
    ) -> None:
        give_accounts({colleague.person_id: account_of(deputy_actor)})
        held = dict(Person.scoped(as_clerk).values_list("pk", "account_id"))
        assert held == {mandate.person_id: deputy_actor.account_id, colleague.person_id: None}


class TestWaitingRosters:
    def test_the_ticket_leads_its_owner_to_the_same_bytes(self, as_clerk: Actor, term: Term) -> None:
        kept = keep(ROSTER, file_name="名册.csv", term_id=term.pk, actor=as_clerk, now=NOW)
        found = ticket_of(kept.signed(), as_clerk)
        assert (found, fetch(found)) == (kept, ROSTER)

    def test_nobody_else_uses_it(self, as_clerk: Actor, chair: Actor, term: Term) -> None:
        kept = keep(ROSTER, file_name="名册.csv", term_id=term.pk, actor=as_clerk, now=NOW)
        with pytest.raises(Refused, match=r"^这份名册不是您用当前职务上传的，请重新上传。$"):
            ticket_of(kept.signed(), chair)

    def test_a_changed_or_old_ticket_is_refused(self, as_clerk: Actor, term: Term) -> None:
        signed = keep(ROSTER, file_name="名册.csv", term_id=term.pk, actor=as_clerk, now=NOW).signed()
        forged = signing.dumps({"token": "x"}, salt=waiting_file._SALT)
        with pytest.raises(Refused, match=r"^上传的名册已超过1小时或者已经导入，请重新上传。$"):
            ticket_of(signed[:-1] + ("A" if signed[-1] != "A" else "B"), as_clerk)
        with pytest.raises(Refused, match=r"^上传的名册已超过1小时或者已经导入，请重新上传。$"):
            ticket_of(forged, as_clerk)
        late = timedelta(seconds=waiting_file.KEPT_SECONDS + 60)
        with time_machine.travel(NOW, tick=False):
            old = keep(ROSTER, file_name="名册.csv", term_id=term.pk, actor=as_clerk, now=NOW).signed()
        with time_machine.travel(NOW + late, tick=False), pytest.raises(Refused):
            ticket_of(old, as_clerk)

    def test_after_the_import_it_is_gone(self, as_clerk: Actor, term: Term) -> None:
        kept = keep(ROSTER, file_name="名册.csv", term_id=term.pk, actor=as_clerk, now=NOW)
        discard(kept)
        discard(kept)
        with pytest.raises(Refused, match=r"^上传的名册已超过1小时或者已经导入，请重新上传。$"):
            fetch(kept)


def test_decisions_of_a_form_name_a_person_or_somebody_new() -> None:
    answers = {"decision-3": "41", "decision-7": "new", "decision-9": "", "decision-x": "5", "term": "8"}
    assert options_from(answers, groups=True) == Options({3: 41, 7: None}, False, True)


def test_a_congress_without_places_and_groups_is_offered_to_have_them_made(
    as_clerk: Actor, term: Term
) -> None:
    assert is_empty_congress(as_clerk, term) == (True, True)
    with acting(system_actor()):
        DeputyGroup._plain.create(scope_code=as_clerk.lo, term=term, number=1, name="第一代表小组")
    assert is_empty_congress(as_clerk, term) == (True, False)
    make_mandate(term)
    assert is_empty_congress(as_clerk, term) == (False, False)


def test_another_congress_counts_for_itself(world, as_clerk: Actor, mandate: Mandate) -> None:
    county = make_term(world["榆次区"])
    keeper = make_account(world["榆次区"], Role.COUNTY_COMMITTEE)
    with acting(keeper):
        assert is_empty_congress(keeper, county) == (True, True)
    assert make_deputy_actor(mandate).person_id == mandate.person_id
