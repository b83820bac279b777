"""Catalogue walk and model walk: forgetting a wall is impossible, stale exemptions fail."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, models, transaction

from deputies.models import Mandate, Person, Term
from liaison.models import AuditEntry, CalendarYear, Jurisdiction
from liaison.tenancy import rls
from liaison.tenancy.models import GatedManager, InheritedModel, ScopedModel
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import ScopeRequired
from tests.factories import World, make_mandate, make_term

pytestmark = pytest.mark.django_db

# Readable before any scope is known; their own policies are tested below.
SIGN_IN_TABLES = {"liaison_account"}


# Everything the walls leave out, literally: a new exemption has to be written here as well, and be noticed.
OUTSIDE_THE_WALLS = {
    "liaison_jurisdiction", "liaison_calendaryear", "liaison_calendarday", "django_migrations",
    "django_content_type", "django_session", "auth_permission", "auth_group", "auth_group_permissions",
    "django_admin_log", "axes_accessattempt", "axes_accessattemptexpiration", "axes_accesslog",
    "axes_accessfailurelog", "liaison_authenticator", "liaison_countedtry", "otp_static_staticdevice", "otp_static_statictoken",
    "liaison_setup",
}  # fmt: skip
ALSO_READABLE = {"liaison_account", "liaison_appointment"}
INHERITED = {
    "assessments_scheme", "deputies_congress", "deputies_constituency", "deputies_electingunit",
    "deputies_session", "deputies_term", "liaison_deadlinepolicy", "stations_activitykind",
}  # fmt: skip


FULL = {"SELECT", "INSERT", "UPDATE", "DELETE"}
# What web and worker may do with the tables that are not simply theirs.
RIGHTS = {
    "liaison_auditsalt": set(), "liaison_auditentry": {"SELECT"}, "liaison_audithead": {"SELECT"},
    "liaison_jurisdiction": FULL - {"DELETE"}, "liaison_setup": FULL - {"DELETE"}, "django_migrations": {"SELECT"}, "django_content_type": {"SELECT"},
    "auth_permission": {"SELECT"}, "auth_group": {"SELECT"}, "auth_group_permissions": {"SELECT"},
    "django_admin_log": {"SELECT"},
}  # fmt: skip
ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def rows(sql: str, params: list[object] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def tables() -> set[str]:
    return {r[0] for r in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


class TestCatalogue:
    def test_every_table_is_scoped_or_listed_with_a_reason(self) -> None:
        scoped = {r[0] for r in rows(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'scope_code' "
            "AND a.attnotnull WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        )}  # fmt: skip
        unplaced = tables() - scoped - set(rls.GLOBAL_TABLES) - {"liaison_auditsalt"}
        assert unplaced == set()

    def test_the_exemptions_are_these_and_no_others(self) -> None:
        assert set(rls.GLOBAL_TABLES) == OUTSIDE_THE_WALLS
        assert set(rls.CROSS_SCOPE_TARGETS) == {"liaison_account"}
        assert {"liaison_auditentry", "liaison_audithead"} == rls.READ_ONLY_TABLES
        assert {"liaison_auditentry", "liaison_audithead", "liaison_submittedkey"} == rls.UNAUDITED_TABLES
        assert rls.APP_LABELS == (
            "liaison", "deputies", "stations", "constituents", "assessments", "reports",
        )  # fmt: skip

    def test_what_may_be_read_from_outside_is_this_and_no_more(self) -> None:
        wide = rows("SELECT tablename FROM pg_policies WHERE policyname = 'also_readable'")
        inherited = {
            model._meta.db_table for model in rls.scoped_model_classes() if issubclass(model, InheritedModel)
        }
        assert {table for (table,) in wide} == ALSO_READABLE | inherited
        assert inherited == INHERITED

    def test_no_exemption_is_stale(self) -> None:
        assert set(rls.GLOBAL_TABLES) - tables() == set()
        assert all(len(reason) > 8 for reason in rls.GLOBAL_TABLES.values())
        assert set(rls.CROSS_SCOPE_TARGETS) - tables() == set()

    def test_every_scoped_table_has_forced_row_security_with_both_clauses(self) -> None:
        for model in rls.scoped_model_classes():
            table = model._meta.db_table
            [(enabled, forced)] = rows(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table]
            )
            assert (enabled, forced) == (True, True), table
            policies = rows(
                "SELECT policyname, cmd, qual, with_check FROM pg_policies WHERE tablename = %s", [table]
            )
            by_name = {name: (cmd, qual, check) for name, cmd, qual, check in policies}
            cmd, qual, check = by_name["scope"]
            assert cmd == "ALL"
            assert "app.lo" in qual and "app.hi" in qual and "scope_code" in qual, table  # noqa: PT018
            assert "app.lo" in check and "app.hi" in check, table  # noqa: PT018
            assert set(by_name) <= {"scope", "also_readable"}
            assert by_name.get("also_readable", ("SELECT",))[0] == "SELECT", table

    def test_the_web_role_owns_nothing_and_cannot_pass(self) -> None:
        [(user, superuser, bypass)] = rows(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert (user, superuser, bypass) == ("liaison_web", False, False)
        assert (
            rows("SELECT tablename FROM pg_tables WHERE tableowner IN ('liaison_web', 'liaison_worker')")
            == []
        )
        for table in tables():
            [(truncate,)] = rows("SELECT has_table_privilege('liaison_web', %s, 'TRUNCATE')", [table])
            assert truncate is False, table

    @pytest.mark.parametrize("role", rls.APP_ROLES)
    def test_the_rights_of_the_application_are_these_after_a_second_migrate(self, role: str) -> None:
        """tests/demo.py migrates twice, as every office does with its second version."""
        held = rows(
            "SELECT tablename, right_, has_table_privilege(%s, format('public.%%I', tablename), right_) "
            "FROM pg_tables, unnest(%s::text[]) AS right_ WHERE schemaname = 'public'",
            [role, list(ALL_RIGHTS)],
        )
        found: dict[str, set[str]] = {table: set() for table, _, _ in held}
        for table, right, is_held in held:
            if is_held:
                found[table].add(right)
        assert found == {table: RIGHTS.get(table, FULL) for table in found}
        assert set(RIGHTS) <= set(found)

    def test_a_table_nobody_listed_stays_shut(self) -> None:
        assert rls.rights_of("liaison_auditsalt") == rls.rights_of("somebodys_new_table") == ()

    def test_functions_of_the_owner_look_for_nothing_in_temporary_tables(self) -> None:
        found = dict(
            rows("SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND proname LIKE 'liaison%%'")
        )
        assert set(found) == {
            "liaison_audit_append", "liaison_audit_change", "liaison_audit_note", "liaison_audit_seal",
            "liaison_keepers_apart",
        }  # fmt: skip
        assert all(paths == ["search_path=pg_catalog, public, pg_temp"] for paths in found.values())

    def test_there_is_no_view_that_would_pass_by_the_policies(self) -> None:
        assert (
            rows(
                "SELECT relname FROM pg_class WHERE relkind IN ('m', 'v') AND relnamespace = 'public'::regnamespace"
            )
            == []
        )

    def test_every_scoped_table_but_the_trail_itself_is_audited(self) -> None:
        audited = {
            tuple(row)
            for row in rows(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_proc AS f ON f.oid = tgfoid "
                "WHERE tgenabled = 'O' AND proname = 'liaison_audit_change'"
            )
        }
        tables = {m._meta.db_table for m in rls.scoped_model_classes()} - rls.UNAUDITED_TABLES
        names = ("audit_insert", "audit_update", "audit_delete")
        tables |= set(rls.AUDITED_GLOBAL_TABLES)
        assert audited == {(table, name) for table in tables for name in names}


class TestModels:
    def test_each_model_is_scoped_inherited_or_global(self) -> None:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label not in rls.APP_LABELS or model._meta.db_table in rls.GLOBAL_TABLES:
                continue
            assert issubclass(model, ScopedModel) or model._meta.db_table in SIGN_IN_TABLES, model

    def test_the_default_manager_is_the_gate(self) -> None:
        for model in apps.get_models():
            if issubclass(model, ScopedModel):
                assert isinstance(model._default_manager, GatedManager), model
                with pytest.raises(ScopeRequired):
                    model.objects.count()

    def test_no_hidden_many_to_many_table(self) -> None:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in rls.APP_LABELS:
                assert not model._meta.auto_created, model

    def test_foreign_keys_between_scoped_rows_are_composite(self) -> None:
        have = {
            r[0]
            for r in rows(
                "SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint WHERE contype = 'f'"
            )
        }
        wanted = 0
        for model in rls.scoped_model_classes():
            for field in rls.same_scope_keys(model):
                wanted += 1
                name = f"{model._meta.db_table}_{field.column}_same"[:63]
                assert f"{model._meta.db_table}.{name}" in have, (model, field)
        assert wanted > 20

    def test_unique_keys_of_scoped_rows_begin_with_the_scope(self) -> None:
        """A unique key across jurisdictions would tell that a foreign row exists."""
        reasons = {
            "query_code_digest": "unguessable by itself", "public_code": "printed on the public poster", "path": "random file name",
            "username": "sign-in names are one namespace", "account": "an account is one person", "notification": "one to one",
            "sheet": "one to one", "assessment": "one to one", "jurisdiction": "public tree", "photo": "one to one",
        }  # fmt: skip
        for model in rls.scoped_model_classes():
            for field in model._meta.local_fields:
                if field.unique and not field.primary_key:
                    assert field.name in reasons, (model, field.name)
            for constraint in model._meta.constraints:
                if isinstance(constraint, models.UniqueConstraint):
                    first = constraint.fields[0]
                    assert first in ("scope_code", "account"), (model, constraint.name)


class TestRows:
    @pytest.fixture
    def terms(self, world: World) -> tuple[Term, Term]:
        return make_term(world["庄子乡"]), make_term(world["长凝镇"])

    def test_without_an_actor_the_database_shows_nothing(self, terms: tuple[Term, Term]) -> None:
        make_mandate(terms[0])
        assert rows("SELECT count(*) FROM deputies_mandate") == [(0,)]
        assert rows("SELECT count(*) FROM liaison_account") == [(0,)]

    def test_row_security_alone_separates_two_townships(self, terms: tuple[Term, Term], clerk: Actor) -> None:
        mine, theirs = make_mandate(terms[0], "王建国"), make_mandate(terms[1], "李二虎")
        with acting(clerk):
            assert {r[0] for r in rows("SELECT id FROM deputies_mandate")} == {mine.pk}
            assert Mandate._plain.filter(pk=theirs.pk).update(remark="x") == 0

    def test_the_gate_alone_separates_two_townships(self, terms: tuple[Term, Term], clerk: Actor) -> None:
        """The database is told the whole nation, the gate still narrows to the clerk."""
        mine = make_mandate(terms[0], "王建国")
        make_mandate(terms[1], "李二虎")
        with acting(clerk):
            rows("SELECT set_config('app.lo', '0', true), set_config('app.hi', '999999999999', true)")
            assert Mandate._plain.count() == 2
            assert [m.pk for m in Mandate.scoped(clerk)] == [mine.pk]
            assert [m.pk for m in Mandate.objects.all()] == [mine.pk]

    def test_a_row_cannot_be_written_into_another_township(
        self, terms: tuple[Term, Term], clerk: Actor
    ) -> None:
        with pytest.raises(ProgrammingError, match="row-level security"), acting(clerk), transaction.atomic():
            Person._plain.create(
                scope_code=140702103000,
                name="外乡人",
                name_strokes="",
                name_pinyin="",
                sex="male",
                born_on=date(1970, 1, 1),
            )

    def test_a_row_cannot_point_at_another_townships_row(
        self, terms: tuple[Term, Term], clerk: Actor
    ) -> None:
        mine, theirs = make_mandate(terms[0]), make_mandate(terms[1])
        with pytest.raises(DatabaseError, match="same"), acting(clerk), transaction.atomic():
            Mandate._plain.filter(pk=mine.pk).update(person_id=theirs.person_id)
            rows("SET CONSTRAINTS ALL IMMEDIATE")

    def test_the_county_sees_its_townships_but_not_the_next_county(self, world: World, county: Actor) -> None:
        here, there = make_mandate(make_term(world["庄子乡"])), make_mandate(make_term(world["洪善镇"]))
        with acting(county):
            seen = set(Mandate.scoped(county).values_list("pk", flat=True))
        assert here.pk in seen
        assert there.pk not in seen

    def test_a_township_reads_the_countys_rules_and_cannot_change_them(
        self, world: World, clerk: Actor
    ) -> None:
        term = make_term(world["榆次区"], number=6)
        with acting(clerk):
            assert Term.scoped(clerk).filter(pk=term.pk).exists()
            assert Term._plain.filter(pk=term.pk).update(number=7) == 0
        assert issubclass(Term, InheritedModel)

    def test_settings_do_not_outlive_the_transaction(self, clerk: Actor, term: Term) -> None:
        make_mandate(term)
        with acting(clerk):
            pass
        assert rows("SELECT nullif(current_setting('app.lo', true), '')") == [(None,)]

    def test_a_write_without_an_actor_is_refused_by_the_database(self, term: Term) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows("SELECT set_config('app.lo', '0', true), set_config('app.hi', '999999999999', true)")
            rows("UPDATE deputies_term SET number = 99 RETURNING id")

    def test_every_write_leaves_an_entry_with_its_actor(self, clerk: Actor, term: Term) -> None:
        mandate = make_mandate(term)
        with acting(clerk):
            Mandate.scoped(clerk).filter(pk=mandate.pk).update(remark="测试")
            entry = (
                AuditEntry.scoped(clerk)
                .filter(table_name="deputies_mandate", row_ref=mandate.pk)
                .latest("seq")
            )
        assert (entry.change, entry.account_ref, entry.detail) == (
            "update",
            clerk.account_id,
            '{"remark": null}',
        )

    def test_the_web_role_cannot_touch_the_trail(self, clerk: Actor, term: Term) -> None:
        for statement in (
            "UPDATE liaison_auditentry SET actor = 'x'",
            "DELETE FROM liaison_auditentry",
            "TRUNCATE liaison_auditentry",
            "UPDATE liaison_audithead SET seq = 0",
            "SELECT salt FROM liaison_auditsalt",
        ):
            with pytest.raises(DatabaseError), acting(clerk), transaction.atomic():
                rows(statement + " RETURNING 1" if statement.startswith(("UPDATE", "DELETE")) else statement)

    def test_a_place_and_a_holiday_change_under_a_name(self, clerk: Actor, world: World) -> None:
        place = Jurisdiction.objects.get(short_name="洪善镇")
        with pytest.raises(DatabaseError, match="write without an actor"), transaction.atomic():
            Jurisdiction.objects.filter(pk=place.pk).update(organ_name="别处")
        with pytest.raises(DatabaseError, match="write without an actor"), transaction.atomic():
            CalendarYear.objects.create(year=2031, source="无名", loaded_at=datetime(2030, 11, 1, tzinfo=UTC))
        with acting(clerk):
            CalendarYear.objects.create(year=2031, source="有名", loaded_at=datetime(2030, 11, 1, tzinfo=UTC))
            entry = AuditEntry.scoped(clerk).get(table_name="liaison_calendaryear", row_ref=2031)
        assert (entry.scope_code, entry.change, entry.account_ref) == (clerk.lo, "insert", clerk.account_id)

    def test_the_interval_of_a_place_never_moves(self, world: World) -> None:
        place = Jurisdiction.objects.get(short_name="洪善镇")
        for move in ({"scope_code": place.scope_code + 1}, {"scope_end": place.scope_end + 1}):
            with (
                pytest.raises(DatabaseError, match="never changes"),
                acting(system_actor()),
                transaction.atomic(),
            ):
                Jurisdiction.objects.filter(pk=place.pk).update(**move)

    def test_the_tree_is_public(self, world: World) -> None:
        assert Jurisdiction.objects.filter(short_name="洪善镇").exists()

    def test_nobody_widens_his_interval(self, clerk: Actor) -> None:
        from liaison.words.errors import Forbidden

        with pytest.raises(Forbidden):
            clerk.narrowed(0, 10**12)
        assert system_actor().narrowed(clerk.lo, clerk.hi).lo == clerk.lo
