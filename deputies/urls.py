"""Addresses of the roster."""

from django.urls import path

from deputies.views import documents, mandates, rollover, roster, roster_import, terms

urlpatterns = [
    path("", roster.roster_list, name="deputies_roster"),
    path("mine/", roster.mine, name="deputies_mine"),
    path("mine/contact/", mandates.own_contact, name="deputies_own_contact"),
    path("groups/", roster.groups, name="deputies_groups"),
    path("enrol/", mandates.enrol, name="deputies_enrol"),
    path("place/", mandates.place, name="deputies_place"),
    path("change/<str:event>/", mandates.change, name="deputies_change"),
    path("import/", roster_import.upload, name="deputies_import"),
    path("import/layout/", roster_import.layout, name="deputies_import_layout"),
    path("import/preview/", roster_import.preview, name="deputies_import_preview"),
    path("import/confirm/", roster_import.confirm, name="deputies_import_confirm"),
    path("print/", documents.print_roster, name="deputies_print"),
    path("export/", documents.export, name="deputies_export"),
    path("terms/", terms.term_list, name="deputies_terms"),
    path("terms/add/", terms.add_term, name="deputies_add_term"),
    path("terms/sessions/add/", terms.add_session, name="deputies_add_session"),
    path("terms/<int:term_id>/rollover/", terms.rollover, name="deputies_rollover"),
    path("terms/<int:term_id>/take-over/", terms.take_over, name="deputies_take_over"),
    path("terms/<int:term_id>/re-elect/", terms.re_elect, name="deputies_re_elect"),
    path("terms/<int:term_id>/succeed/", terms.succeed, name="deputies_succeed"),
    path("terms/<int:term_id>/rollover/<slug:step>/", rollover.rollover_step, name="deputies_rollover_step"),
    path("terms/standing/", rollover.standing, name="deputies_standing"),
    path("contacts/<int:contact_id>/end/", mandates.end_contact, name="deputies_end_contact"),
    path("<int:mandate_id>/", roster.person, name="deputies_person"),
    path("<int:mandate_id>/card/", roster.card, name="deputies_card"),
    path("<int:mandate_id>/phone/", mandates.reveal, name="deputies_reveal_phone"),
    path("<int:mandate_id>/contacts/add/", mandates.add_contact, name="deputies_add_contact"),
]
