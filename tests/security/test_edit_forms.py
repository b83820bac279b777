"""Every form that changes a stored row is built on the base that compares editions; nothing else may.

Two walks: over all form classes of the programme, and over all calls of services that write words over words.
Whatever is not on the base is named here with the reason; a name that no longer exists fails as well.
"""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms

from liaison.web.edit_forms import EditForm, RowForm

APPS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
ROOT = Path(__file__).parents[2]

# Forms that change nothing that is stored already, by what they do.
OTHERS: dict[str, set[str]] = {
    "base of others": {
        "liaison.web.forms.ServiceForm", "liaison.web.forms.KeyedForm", "liaison.web.forms.OldDayForm", "stations.forms.records.RollForm",
        "deputies.forms.PersonFields", "deputies.forms.SeatFields", "deputies.forms.TermFigures",
        "constituents.actions.forms.ActionForm", "assessments.forms.fields.CycleForm",
    },
    "signs in, or proves who somebody is": {
        "liaison.web.forms.SignInForm", "liaison.web.forms.PasswordChangeForm", "liaison.web.forms.ReauthenticateForm",
        "liaison.web.forms.TokenForm",
    },
    "adds a row": {
        "liaison.admin.accounts.AccountForm", "liaison.admin.accounts.AppointmentForm",
        "liaison.admin.keeper_changes.ProposalForm", "liaison.admin.place_changes.PlaceChangeForm", "liaison.views.giving.GiveForm",
        "liaison.founding.forms.LevelForm", "liaison.founding.forms.OfficeForm", "liaison.founding.forms.PlacesForm",
        "liaison.founding.forms.KeepersForm", "liaison.founding.forms.ClerkForm",
        "deputies.forms.EnrolForm", "deputies.forms.ContactForm", "deputies.forms.TermForm",
        "deputies.forms.ElectingUnitForm", "deputies.forms.RosterFileForm", "deputies.layout_form.RosterLayoutForm", "deputies.forms.ReElectForm",
        "stations.forms.records.DutyForm", "stations.forms.records.OwnActivityForm", "stations.forms.records.ActivityForm",
        "stations.forms.records.LeaveForm", "stations.forms.records.SwapForm", "stations.admin.leave_form.PaperLeaveForm",
        "stations.forms.places.PhotoForm", "stations.views.activity_attendance.PhotoForm",
        "stations.forms.work_plans.ArrangeForm", "stations.forms.rota.RotaForm", "stations.forms.rota.UpperForm",
        "stations.admin.rule_pages.PlanForm", "constituents.forms.IntakeForm",
        "constituents.forms.ScanForm", "constituents.forms.SuggestionForm", "constituents.forms.RenewCodeForm",
        "assessments.forms.cycle.OpenForm", "assessments.forms.cycle.EntryForm", "assessments.forms.cycle.ObjectionForm",
    },
    "moves a state once: the second attempt is refused by the table of states": {
        "deputies.forms.ChangeForm", "deputies.forms.SucceedForm", "deputies.forms.UndoForm", "deputies.forms.EndContactForm",
        "stations.forms.places.CloseForm", "stations.admin.records.SettleForm",
        "stations.admin.receptions.PostponeForm", "stations.views.leaves.DecideForm",
        "stations.forms.work_plans.AdoptForm", "stations.forms.work_plans.AnswerForm",
        "stations.forms.work_plans.DeclineForm", "stations.forms.records.ReasonForm",
        "constituents.actions.forms.PlainForm", "constituents.actions.forms.NoteForm",
        "constituents.actions.forms.OptionalNoteForm", "constituents.actions.forms.ReasonForm",
        "constituents.actions.forms.AnswerForm", "constituents.actions.forms.AssignForm",
        "constituents.actions.forms.SuggestionAssignForm", "constituents.actions.forms.ReplyForm",
        "constituents.actions.forms.SuggestionReplyForm", "constituents.actions.forms.RateForm",
        "constituents.actions.forms.SuggestionRateForm", "constituents.actions.forms.PublicRateForm",
        "constituents.actions.forms.NotAcceptForm", "constituents.actions.forms.HotlineForm",
        "constituents.actions.forms.MergeForm", "constituents.actions.forms.CheckForm",
        "constituents.actions.forms.ResubmitForm", "constituents.forms.WithdrawScanForm",
        "assessments.forms.cycle.ApproveForm", "assessments.forms.cycle.NoteForm", "assessments.forms.cycle.ReasonForm",
        "assessments.forms.cycle.RulingForm", "assessments.forms.cycle.DeliverForm", "assessments.forms.cycle.ReviewForm",
        "assessments.forms.cycle.TalkForm",
    },
    "records a dated event beside those before it": {"deputies.forms.PlaceForm"},
    "names the turn it changes and who held it; the service compares": {
        "stations.forms.rota.GapForm", "stations.forms.rota.SeatForm",
    },
    "shows what changes beside what holds and asks to confirm": {
        "liaison.admin.calendar.YearForm", "liaison.admin.calendar.OneDayForm",
        "stations.views.norms.ChooseForm",
    },
    "carries an edition for each row of a grid of its own": {"assessments.admin.entries.SheetForm"},
    "reads: a reason to look, print or export": {
        "deputies.forms.RevealForm", "deputies.forms.ExportForm", "constituents.forms.RevealForm",
        "constituents.forms.PrintReasonForm", "constituents.forms.OpenScanForm", "constituents.forms.ShowCodeForm",
        "constituents.forms.FollowForm", "constituents.forms.ExportForm",
        "reports.views.exports.ReasonForm", "liaison.web.admin_site.ReasonActionForm",
        "liaison.web.admin_site.BulkForm",
    },
}  # fmt: skip

# Services that write words over words, by the beginning of their names.
WRITERS = ("update_", "change_", "correct_", "edit_", "save_", "set_", "caption_", "lay_down")
# Calls of theirs outside an edit form.
CALLED_ELSEWHERE = {
    ("deputies/views/mandates.py", "change_mandate"): "records a decision: the state refuses the second",
    ("stations/views/rota_seats.py", "change_seat"): "names the holder it replaces; the service compares",
    ("assessments/admin/schemes.py", "change_scheme"): "after `require_edition`, in the same transaction",
    ("assessments/admin/sheets.py", "correct_sheet"): "moves the state of a sheet",
    ("liaison/admin/accounts.py", "set_active"): "switches; said twice it is the same",
    ("liaison/views/account.py", "change_own_password"): "the old password is asked",
    ("deputies/roster_import/write.py", "update_mandate"): "confirmed beside what is stored, row by row",
    ("deputies/roster_import/write.py", "update_person"): "confirmed beside what is stored, row by row",
    ("constituents/actions/suggestions.py", "set_quality"): "run by an action, after `require_edition`",
}


def form_classes() -> Iterator[type[forms.BaseForm]]:
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" in found.name or ".embedded" in found.name or found.name.endswith("wsgi"):
                continue
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                is_form = isinstance(value, type) and issubclass(value, forms.BaseForm)
                if is_form and value.__module__ == module.__name__:
                    yield value


def name_of(form: type) -> str:
    return f"{form.__module__}.{form.__qualname__}"


def test_every_form_is_an_edit_form_or_says_why_not() -> None:
    named = {name for names in OTHERS.values() for name in names}
    plain = {name_of(form) for form in form_classes() if not issubclass(form, EditForm)}
    assert sorted(plain - named) == []


def test_no_stale_name_is_kept() -> None:
    named = {name for names in OTHERS.values() for name in names}
    plain = {name_of(form) for form in form_classes() if not issubclass(form, EditForm)}
    assert sorted(named - plain) == []


def test_every_edit_form_says_what_is_stored_and_how_it_is_written() -> None:
    wrong = []
    for form in form_classes():
        if (
            issubclass(form, EditForm)
            and form not in (EditForm, RowForm)
            and not form.__name__.startswith("_")
        ):
            if form.stored is EditForm.stored and name_of(form) not in WRITTEN_ELSEWHERE:
                wrong.append(f"{name_of(form)}.stored")
            if form.write is EditForm.write and name_of(form) not in WRITTEN_ELSEWHERE:
                wrong.append(f"{name_of(form)}.write")
    assert wrong == []


WRITTEN_ELSEWHERE = {
    "constituents.actions.forms.EditActionForm",
    "constituents.actions.forms.QualityForm",
    "assessments.admin.schemes.SchemeEditForm",
}


def calls() -> Iterator[tuple[str, str, str]]:
    """File, service and enclosing function of every call of a writing service outside the services."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if "/services" in where or "/demo" in where or "/migrations/" in where:
                continue
            yield from _calls_in(where, ast.parse(path.read_text()))


def _calls_in(where: str, tree: ast.AST, inside: str = "") -> Iterator[tuple[str, str, str]]:
    for node in ast.iter_child_nodes(tree):
        here = node.name if isinstance(node, ast.FunctionDef) else inside
        if isinstance(node, ast.Call) and any(word.arg == "actor" for word in node.keywords):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name.startswith(WRITERS):
                yield where, name, here
        yield from _calls_in(where, node, here)


def test_services_that_write_over_words_are_called_by_edit_forms_only() -> None:
    found = {(where, name) for where, name, inside in calls() if inside != "write"}
    assert sorted(found - set(CALLED_ELSEWHERE)) == []


@pytest.mark.parametrize("model", [form for form in form_classes() if issubclass(form, RowForm)], ids=name_of)
def test_choices_of_rows_are_narrowed_to_the_actor(model: type[RowForm]) -> None:
    """A related field of a form holds no rows until ``offers`` or the form itself sets them for the actor."""
    for name, field in model.base_fields.items():
        if isinstance(field, forms.ModelChoiceField):
            assert field.queryset.query.is_empty(), name
