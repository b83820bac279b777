"""Rosters read against the register and written whole or not at all."""

from collections.abc import Iterable
from datetime import date

import pytest
from django.apps import apps
from django.db import connection, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deputies import services
from deputies.documents import export_roster
from deputies.enums import ElectionWay, GroupPost, MandateState
from deputies.models import (
    Constituency,
    DeputyGroup,
    GroupMembership,
    Mandate,
    Person,
    RosterImport,
    Term,
)
from deputies.roster.rules import Message, RowState, Severity
from deputies.roster_import.preview import Options, preview_roster
from deputies.roster_import.write import NotImportable, import_roster
from liaison.models import AuditEntry
from liaison.sheets import read_sheet
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope, Refused
from tests.deputies.rosters import BROKEN, FAULTS, HONGSHAN, ZHUANGZI, as_csv, line, term_of
from tests.factories import NOW, World, make_account, make_mandate

TODAY = date(2026, 1, 20)
ALLOW = Options({}, constituencies=True, groups=True)
REFUSE = Options({})


def run(actor: Actor, term: Term, data: bytes, options: Options = ALLOW, name: str = "名册.csv"):  # type: ignore[no-untyped-def]
    return import_roster(actor=actor, term_id=term.pk, data=data, file_name=name, options=options, now=NOW)


def tables(as_of: Actor) -> dict[str, int]:
    """Rows of every table in the database, as the acting role sees them."""
    counts = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


@pytest.mark.parametrize(
    ("place", "number", "elected_on", "data", "people", "constituencies", "groups"),
    [
        ("庄子乡", 15, date(2021, 4, 18), ZHUANGZI, 47, 16, 4),
        ("洪善镇", 17, date(2021, 4, 22), HONGSHAN, 62, 21, 6),
    ],
)
def test_rosters_of_the_office(
    world: World, place: str, number: int, elected_on: date, data: bytes, people: int, constituencies: int,
    groups: int,
) -> None:  # fmt: skip
    term = term_of(world, place, number, elected_on, people)
    actor = make_account(world[place], Role.PRESIDIUM_CLERK)
    with acting(actor):
        result = run(actor, term, data, name="名册.xlsx")
        assert (result.new, result.changed, result.unchanged) == (people, 0, 0)
        assert Mandate.scoped(actor).filter(term=term, state=MandateState.ACTIVE).count() == people
        assert Constituency.scoped(actor).filter(term=term).count() == constituencies
        assert DeputyGroup.scoped(actor).filter(term=term).count() == groups
        leaders = GroupMembership.scoped(actor).filter(post=GroupPost.LEADER)
        assert leaders.count() == groups
        assert GroupMembership.scoped(actor).count() == people
        person = Person.scoped(actor).order_by("pk").first()
        assert person is not None
        assert person.phone_digest == lookup_digest(person.phone)
        assert person.name_strokes
        assert person.name_search

        before = AuditEntry.scoped(actor).count()
        again = run(actor, term, data, name="名册.xlsx")
        assert (again.new, again.changed, again.unchanged, again.record) == (0, 0, people, None)
        assert AuditEntry.scoped(actor).count() == before
        assert RosterImport.scoped(actor).count() == 1


@pytest.fixture
def changning(world: World) -> Term:
    return term_of(world, "长凝镇", 15, date(2021, 4, 20), 60)


@pytest.fixture
def changning_clerk(world: World) -> Actor:
    return make_account(world["长凝镇"], Role.PRESIDIUM_CLERK)


def with_places(actor: Actor, term: Term) -> None:
    """The constituencies and groups the broken roster should have kept to."""
    for number, village in enumerate(
        ["东长凝村", "西长凝村", "北长凝村", "南六堡村", "西六堡村", "官甲村", "永康村"], start=1
    ):
        services.create_constituency(
            actor=actor, term_id=term.pk, name=f"第{number}选区（{village}）", number=number
        )
    services.create_constituency(actor=actor, term_id=term.pk, name="第8选区（机关）", number=8)
    for number in "一二三四五":
        services.create_group(actor=actor, term_id=term.pk, name=f"第{number}代表小组")


def messages_of(report: object) -> Iterable[Message]:
    return report.all_messages  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_every_planted_fault_is_named_and_nothing_is_written(
    changning: Term, changning_clerk: Actor, encoding: str
) -> None:
    actor = changning_clerk
    data = BROKEN.decode("gb18030").encode(encoding)
    with acting(actor):
        with_places(actor, changning)
        before = tables(actor)
        found = preview_roster(actor, changning, data, REFUSE, TODAY)
        assert tables(actor) == before
        said = list(messages_of(found.report))
        # 序号 1 stands in row 3 of the sheet, under title and heading.
        for fault in FAULTS:
            row, column = fault["序号"] + 2, fault["column"]
            assert any(m.row == row and column in (m.column, "*") for m in said), fault
        with pytest.raises(NotImportable):
            run(actor, changning, data, REFUSE)
        assert tables(actor) == before


def test_faults_have_the_severity_the_office_was_told(changning: Term, changning_clerk: Actor) -> None:
    with acting(changning_clerk) as actor:
        with_places(actor, changning)
        found = preview_roster(actor, changning, BROKEN, REFUSE, TODAY)
    for fault in FAULTS:
        severities = {
            m.severity
            for m in messages_of(found.report)
            if m.row == fault["序号"] + 2 and fault["column"] in (m.column, "*")
        }
        wanted = (
            Severity.ERROR if "error" in fault["why"].replace("not an error", "")
            else Severity.WARNING if "warning" in fault["why"] else Severity.NOTE
        )  # fmt: skip
        assert wanted in severities, fault


def test_formula_is_neither_run_nor_repeated(changning: Term, changning_clerk: Actor) -> None:
    with acting(changning_clerk) as actor:
        found = preview_roster(actor, changning, BROKEN, ALLOW, TODAY)
    assert "HYPERLINK" not in repr([(m.text, m.original) for m in messages_of(found.report)])


def test_empty_congress_lists_what_it_would_create(as_clerk: Actor, term: Term) -> None:
    found = preview_roster(as_clerk, term, ZHUANGZI, ALLOW, TODAY)
    assert len(found.report.new_constituencies) == 16
    assert [group.name for group in found.report.new_groups][:2] == ["第一代表小组", "第二代表小组"]
    with pytest.raises(NotImportable):
        run(as_clerk, term, ZHUANGZI, REFUSE)
    assert not Constituency.scoped(as_clerk).exists()


def test_preview_writes_no_row_in_any_table(as_clerk: Actor, term: Term) -> None:
    before = tables(as_clerk)
    preview_roster(as_clerk, term, ZHUANGZI, ALLOW, TODAY)
    assert tables(as_clerk) == before


def test_import_is_all_or_nothing(as_clerk: Actor, term: Term, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(as_clerk)

    def fail(*args: object, **kwargs: object) -> None:
        raise Refused("磁盘已满")

    monkeypatch.setattr("deputies.roster_import.write.checked", fail)
    with pytest.raises(Refused, match="磁盘已满"):
        run(as_clerk, term, ZHUANGZI)
    assert tables(as_clerk) == before


def test_changes_are_written_where_they_belong(as_clerk: Actor, term: Term) -> None:
    run(as_clerk, term, as_csv(line(1, "王建国"), line(2, "李玉兰", 性别="女"), line(3, "赵铁柱")))
    changed = as_csv(
        line(1, "王建国", 文化程度="大专", 固定联系选民=8, 备注="连任"),
        line(2, "李玉兰", 性别="女", 代表小组="第二代表小组", 小组职务="组长"),
        line(3, "赵铁柱"),
    )
    result = run(as_clerk, term, changed)
    assert (result.new, result.changed, result.unchanged) == (0, 2, 1)
    wang = Mandate.scoped(as_clerk).select_related("person").get(person__name="王建国")
    assert (wang.person.education, wang.fixed_contact_target, wang.remark) == ("college", 8, "连任")
    places = GroupMembership.scoped(as_clerk).filter(mandate__person__name="李玉兰").order_by("starts_on")
    assert [(p.group.name, p.post, p.ends_on) for p in places] == [
        ("第一代表小组", "member", TODAY),
        ("第二代表小组", "leader", None),
    ]


def test_leaders_may_change_places(as_clerk: Actor, term: Term) -> None:
    first = [line(1, "王建国", 小组职务="组长"), line(2, "李玉兰")]
    second = [
        line(3, "赵铁柱", 代表小组="第二代表小组", 小组职务="组长"),
        line(4, "孙小兵", 代表小组="第二代表小组"),
    ]
    run(as_clerk, term, as_csv(*first, *second))
    result = run(
        as_clerk,
        term,
        as_csv(
            line(1, "王建国", 代表小组="第二代表小组", 小组职务="组长"),
            line(2, "李玉兰"),
            line(3, "赵铁柱", 小组职务="组长"),
            line(4, "孙小兵", 代表小组="第二代表小组"),
        ),
    )
    assert result.changed == 2
    leaders = GroupMembership.scoped(as_clerk).filter(ends_on__isnull=True, post=GroupPost.LEADER)
    assert {(p.group.name, p.mandate.person.name) for p in leaders} == {
        ("第一代表小组", "赵铁柱"),
        ("第二代表小组", "王建国"),
    }


def test_by_elections_come_in_with_a_roster(as_clerk: Actor, term: Term) -> None:
    run(as_clerk, term, as_csv(line(1, "王建国"), line(2, "李玉兰")))
    late = line(3, "赵铁柱", 当选方式="补选", 当选日期="2024-10-18")
    result = run(as_clerk, term, as_csv(line(1, "王建国"), line(2, "李玉兰"), late))
    assert (result.new, result.unchanged) == (1, 2)
    seated = Mandate.scoped(as_clerk).get(person__name="赵铁柱")
    assert (seated.election_way, seated.elected_on) == (ElectionWay.BY_ELECTION, date(2024, 10, 18))


def test_an_old_roster_does_not_seat_somebody_again(as_clerk: Actor, term: Term) -> None:
    roster = as_csv(line(1, "王建国"), line(2, "李玉兰"))
    run(as_clerk, term, roster)
    gone = Mandate.scoped(as_clerk).get(person__name="李玉兰")
    services.change_mandate(
        actor=as_clerk,
        mandate_id=gone.pk,
        event="resign",
        effective_on=date(2024, 3, 1),
        basis="决定",
        now=NOW,
    )
    found = preview_roster(as_clerk, term, roster, ALLOW, TODAY)
    assert found.report.counts[RowState.ERROR] == 1
    assert any("本届代表资格已于2024-03-01终结" in m.text for m in messages_of(found.report))
    with pytest.raises(NotImportable):
        run(as_clerk, term, roster)
    back = as_csv(line(1, "王建国"), line(2, "李玉兰", 当选方式="补选", 当选日期="2025-03-01"))
    assert run(as_clerk, term, back).new == 1
    assert Mandate.scoped(as_clerk).filter(person=gone.person).count() == 2


def test_suspended_deputies_stay_suspended(as_clerk: Actor, term: Term) -> None:
    roster = as_csv(line(1, "王建国"))
    run(as_clerk, term, roster)
    mandate = Mandate.scoped(as_clerk).get()
    services.change_mandate(
        actor=as_clerk, mandate_id=mandate.pk, event="suspend", ground="serving_sentence",
        effective_on=date(2025, 1, 1), basis="决定", now=NOW,
    )  # fmt: skip
    assert run(as_clerk, term, roster).unchanged == 1
    mandate.refresh_from_db()
    assert mandate.state == MandateState.SUSPENDED


def test_register_moving_on_between_preview_and_confirmation_is_noticed(as_clerk: Actor, term: Term) -> None:
    run(as_clerk, term, as_csv(line(1, "王建国")))
    data = as_csv(line(1, "王建国", 备注="连任"))
    seen = preview_roster(as_clerk, term, data, ALLOW, TODAY).register_digest
    mandate = Mandate.scoped(as_clerk).get()
    services.update_mandate(actor=as_clerk, mandate_id=mandate.pk, now=NOW, remark="他人所写")
    with pytest.raises(Refused, match="有了变化"):
        import_roster(
            actor=as_clerk, term_id=term.pk, data=data, file_name="a.csv", options=ALLOW, now=NOW,
            register_digest=seen,
        )  # fmt: skip


def test_re_elected_people_take_a_new_seat(as_clerk: Actor, term: Term) -> None:
    run(as_clerk, term, as_csv(line(1, "王建国"), line(2, "李玉兰")))
    coming = services.prepare_term(
        actor=as_clerk, congress_id=term.congress_id, number=16, elected_on=date(2026, 1, 10),
        starts_on=date(2026, 2, 20), seats=47,
    )  # fmt: skip
    again = line(1, "王建国", 当选日期="2026-01-10", 工作单位及职务="村委会主任")
    result = run(as_clerk, coming, as_csv(again, line(9, "新代表", 当选日期="2026-01-10")))
    assert result.new == 2
    assert Person.scoped(as_clerk).count() == 3
    wang = Person.scoped(as_clerk).get(name="王建国")
    assert wang.mandates.count() == 2
    assert wang.occupation == "村委会主任"


def test_undecided_rows_wait_for_a_decision(as_clerk: Actor, term: Term) -> None:
    run(as_clerk, term, as_csv(line(1, "王建国")))
    other = as_csv(line(1, "汪建国"))  # the same number under another name
    found = preview_roster(as_clerk, term, other, ALLOW, TODAY)
    assert found.report.counts[RowState.UNDECIDED] == 1
    with pytest.raises(NotImportable):
        run(as_clerk, term, other)
    (row,) = found.report.rows
    person_id = row.candidates[0]
    run(as_clerk, term, other, Options({row.number: person_id}, True, True))
    assert Person.scoped(as_clerk).get().name == "汪建国"


def test_rosters_without_schooling_come_in_with_a_warning(as_clerk: Actor, term: Term) -> None:
    run(as_clerk, term, as_csv(line(1, "王建国", 政治面貌="", 文化程度="", 民族="")))
    person = Person.scoped(as_clerk).get()
    assert (person.political_status, person.education, person.ethnicity) == ("", "", "")


def test_more_deputies_than_seats_are_pointed_out(as_clerk: Actor, term: Term) -> None:
    Term._plain.filter(pk=term.pk).update(seats=1)
    term.refresh_from_db()
    found = preview_roster(as_clerk, term, as_csv(line(1, "王建国"), line(2, "李玉兰")), ALLOW, TODAY)
    assert any("超过本届代表名额" in m.text for m in found.report.messages)


def test_the_wrong_townships_roster_is_refused(as_clerk: Actor, term: Term) -> None:
    found = preview_roster(as_clerk, term, HONGSHAN, ALLOW, TODAY)
    assert not found.is_importable
    assert any("选错文件" in m.text for m in found.report.messages)


@pytest.mark.parametrize("role", [Role.STATION_CLERK, Role.DEPUTY, Role.COUNTY_COMMITTEE])
def test_only_the_office_imports(world: World, term: Term, role: Role) -> None:
    place = "榆次区" if role == Role.COUNTY_COMMITTEE else "庄子乡"
    actor = make_account(world[place], role)
    with acting(actor), pytest.raises(Forbidden):
        run(actor, term, ZHUANGZI)


def test_another_townships_clerk_cannot_import_here(other_clerk: Actor, term: Term) -> None:
    with acting(other_clerk), pytest.raises(OutOfScope):
        run(other_clerk, term, ZHUANGZI)


@pytest.mark.parametrize(("with_phones", "stars"), [(True, False), (False, True)])
def test_export_comes_back_unchanged(as_clerk: Actor, term: Term, with_phones: bool, stars: bool) -> None:
    run(as_clerk, term, ZHUANGZI, name="名册.xlsx")
    data = export_roster(
        actor=as_clerk, term_id=term.pk, reason="报区人大备案", with_phones=with_phones, now=NOW
    )
    found = preview_roster(as_clerk, term, data, REFUSE, TODAY)
    cells = [cell for row in read_sheet(data).rows for cell in row]
    assert any("****" in cell for cell in cells) is stars
    assert found.report.counts[RowState.UNCHANGED] == len(found.report.rows) == 47
    assert not [m for m in messages_of(found.report) if m.severity is not Severity.NOTE]


NAMES = st.text("王李张赵欧阳修建国玉兰铁柱秀英小兵一丁", min_size=2, max_size=4)


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_roster_exported_comes_back_unchanged(
    as_clerk: Actor, term: Term, names: list[str], data: st.DataObject
) -> None:
    from django.db import transaction

    lines = [
        line(
            number,
            name,
            出生年月=f"{data.draw(st.integers(1940, 2000))}.{data.draw(st.integers(1, 12)):02d}",
            文化程度=data.draw(st.sampled_from(["研究生", "本科", "大专", "初中", ""])),
            固定联系选民=data.draw(st.integers(0, 500)),
            是否同时担任上级代表=data.draw(st.sampled_from(["", "区代表", "区代表、市代表"])),
            备注=data.draw(st.sampled_from(["", "少数民族", "3-5月请假"])),
        )
        for number, name in enumerate(names, start=1)
    ]
    with transaction.atomic():
        run(as_clerk, term, as_csv(*lines))
        exported = export_roster(
            actor=as_clerk, term_id=term.pk, reason="报区人大备案", with_phones=True, now=NOW
        )
        found = preview_roster(as_clerk, term, exported, REFUSE, TODAY)
        assert found.report.counts[RowState.UNCHANGED] == len(names), found.report
        transaction.set_rollback(True)


def test_export_needs_a_reason_and_leaves_a_note(as_clerk: Actor, term: Term, mandate: Mandate) -> None:
    from liaison.words.errors import InvalidInput

    with pytest.raises(InvalidInput):
        export_roster(actor=as_clerk, term_id=term.pk, reason="", now=NOW)
    assert not AuditEntry.scoped(as_clerk).filter(operation="export_roster").exists()
    export_roster(actor=as_clerk, term_id=term.pk, reason="报区人大备案", with_phones=True, now=NOW)
    entry = AuditEntry.scoped(as_clerk).get(operation="export_roster")
    assert (entry.reason, entry.detail) == ("报区人大备案", '{"phones": true, "rows": 1}')


def test_county_exports_without_numbers(county: Actor, clerk: Actor, term: Term, mandate: Mandate) -> None:
    with acting(county):
        with pytest.raises(Forbidden):
            export_roster(actor=county, term_id=term.pk, reason="全区统计用", with_phones=True, now=NOW)
        data = export_roster(actor=county, term_id=term.pk, reason="全区统计用", now=NOW)
    cells = [cell for row in read_sheet(data).rows for cell in row]
    assert mandate.person.phone not in cells
    assert mandate.person.address not in cells
    with acting(clerk):
        full = export_roster(actor=clerk, term_id=term.pk, reason="全区统计用", with_phones=True, now=NOW)
    assert mandate.person.phone in [cell for row in read_sheet(full).rows for cell in row]


def test_namesakes_come_in_as_two_people(as_clerk: Actor, term: Term) -> None:
    two = [line(1, "王建国"), line(2, "王建国", 选区="第2选区（西庄村）", 出生年月="1981.05")]
    assert run(as_clerk, term, as_csv(*two)).new == 2
    assert run(as_clerk, term, as_csv(*two)).unchanged == 2


def test_names_of_minorities_and_compound_surnames_come_in(as_clerk: Actor, term: Term) -> None:
    roster = as_csv(line(1, "阿布都•热西提", 民族="维吾尔族"), line(2, "欧阳修文"))
    run(as_clerk, term, roster)
    assert set(Person.scoped(as_clerk).values_list("name", flat=True)) == {"阿布都·热西提", "欧阳修文"}
    assert run(as_clerk, term, roster).unchanged == 2


def test_street_imports_the_countys_deputies(world: World) -> None:
    term = term_of(world, "榆次区", 17, date(2021, 4, 18), 200)
    actor = make_account(world["新华街道"], Role.PRESIDIUM_CLERK)
    with acting(actor):
        assert run(actor, term, as_csv(line(1, "王建国"))).new == 1
        assert Mandate.scoped(actor).get().scope_code == world["新华街道"].scope_code
        assert run(actor, term, as_csv(line(1, "王建国"))).unchanged == 1


def test_registered_deputies_missing_from_the_file_are_named_and_kept(as_clerk: Actor, term: Term) -> None:
    kept = make_mandate(term, "老代表")
    found = preview_roster(as_clerk, term, as_csv(line(1, "王建国")), ALLOW, TODAY)
    assert any("老代表" in m.text for m in found.report.messages)
    run(as_clerk, term, as_csv(line(1, "王建国")))
    assert Mandate.scoped(as_clerk).get(pk=kept.pk).state == MandateState.ACTIVE


def test_model_walk_sees_every_table(as_clerk: Actor, term: Term) -> None:
    assert len(tables(as_clerk)) > 20
    assert all(issubclass(model, models.Model) for model in apps.get_models())
