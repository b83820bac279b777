"""URL walk: every pattern of the project stands in permissions.yaml, and nothing else does."""

from django.contrib import admin

from liaison.web.admin_base import ScopedAdmin
from liaison.words.enums import Role
from tests.security.routes import ADMIN_PAGES, ROLES, admin_routes, all_routes, patterns, table

_HOW = (
    "Add to tests/security/permissions.yaml, with the roles that may open it:\n"
    "  routes:        name: {may: [presidium]}            a page or a list\n"
    "                 name: {object: Mandate, may: [...]} a page of one record (Model or Model.attribute)\n"
    "  admin_models:  app.Model: {view: [...], add: [...], open: [...]}"
)


def _named() -> set[str]:
    return {pattern.name for pattern in patterns() if pattern.name}


class TestEveryPattern:
    def test_is_listed(self) -> None:
        listed = {route.name for route in all_routes()}
        missing = sorted(_named() - listed)
        models = sorted({label for name, (label, _) in admin_routes().items() if name in missing})
        assert missing == [], f"{_HOW}\nmissing models: {models}\nmissing routes: {missing}"

    def test_has_a_name(self) -> None:
        unnamed = {pattern.view for pattern in patterns() if pattern.name is None}
        assert unnamed - set(table()["unnamed"]) == set(), "give the pattern a name"

    def test_begins_with_its_floor(self) -> None:
        """Names say where a page lives, so that a list of routes reads like a map."""
        floors = ("deputies_", "stations_", "constituents_", "assessments_", "reports_", "api_", "admin:")
        ground = {
            "healthz", "readyz", "sign_in", "sign_out", "reauthenticate", "second_factor", "second_factor_enrol",
            "appointments", "switch_appointment", "password_change", "password_change_done", "preferences",
            "give_accounts", "give_all_accounts", "jobs", "job", "job_file", "job_forget",
            "notifications", "notifications_read", "file", "home",
        }  # fmt: skip
        strays = {
            name
            for name in _named()
            if not name.startswith((*floors, "activate", "set_up")) and name not in ground
        }
        assert strays == set()

    def test_has_one_name(self) -> None:
        names = [pattern.name for pattern in patterns() if pattern.name]
        assert len(names) == len(set(names))


class TestEveryLine:
    def test_has_a_pattern(self) -> None:
        stale = {route.name for route in all_routes()} - _named()
        # A model may leave out pages of its own accord; the rule names all five.
        stale -= {f"{name}" for name in stale if name in admin_routes()}
        assert stale == set(), "these lines of permissions.yaml name no route any more: remove them"

    def test_unnamed_ones_exist(self) -> None:
        unnamed = {pattern.view for pattern in patterns() if pattern.name is None}
        assert set(table()["unnamed"]) - unnamed == set()

    def test_models_are_registered(self) -> None:
        labels = {label for label, _ in admin_routes().values()}
        assert set(table()["admin_models"]) - labels == set(), "no admin page of these models any more"

    def test_back_office_has_our_own_doors_only(self) -> None:
        """Pages that other packages register know neither roles nor scopes."""
        strangers = {
            model._meta.label
            for model, page in admin.site._registry.items()
            if not isinstance(page, ScopedAdmin)
        }
        assert strangers == set()

    def test_names_roles_that_exist(self) -> None:
        assert set(table()["groups"]["everyone"]) == {role.value for role in ROLES}

    def test_objects_are_named_where_the_address_has_one(self) -> None:
        takes = {pattern.name: set(pattern.parameters) for pattern in patterns()}
        for route in all_routes():
            open_parts = takes.get(route.name, set()) - set(route.args)
            assert bool(open_parts) == bool(route.row), (route.name, open_parts)


def test_the_walk_sees_what_django_sees() -> None:
    """The walk itself: known patterns of each kind are found, with their parameters."""
    found = {pattern.name: pattern for pattern in patterns()}
    assert found["healthz"].address == "healthz"
    assert found["api_deputy"].parameters == ("pk",)
    assert found["admin:index"].address == "admin/"
    assert len(ADMIN_PAGES) == 5
    assert Role.PUBLIC not in ROLES
