"""Addresses of the roster."""

from django.urls import path

from deputies.views import deeds, importing, papers, roster, terms

urlpatterns = [
    path("", roster.roster_list, name="deputies_roster"),
    path("mine/", roster.mine, name="deputies_mine"),
    path("mine/contact/", deeds.own_contact, name="deputies_own_contact"),
    path("groups/", roster.groups, name="deputies_groups"),
    path("enrol/", deeds.enrol, name="deputies_enrol"),
    path("place/", deeds.place, name="deputies_place"),
    path("change/<str:event>/", deeds.change, name="deputies_change"),
    path("import/", importing.upload, name="deputies_import"),
    path("import/preview/", importing.preview, name="deputies_import_preview"),
    path("import/confirm/", importing.confirm, name="deputies_import_confirm"),
    path("print/", papers.print_roster, name="deputies_print"),
    path("export/", papers.export, name="deputies_export"),
    path("terms/", terms.term_list, name="deputies_terms"),
    path("terms/add/", terms.add_term, name="deputies_add_term"),
    path("terms/sessions/add/", terms.add_session, name="deputies_add_session"),
    path("terms/<int:term_id>/rollover/", terms.rollover, name="deputies_rollover"),
    path("terms/<int:term_id>/take-over/", terms.take_over, name="deputies_take_over"),
    path("terms/<int:term_id>/re-elect/", terms.re_elect, name="deputies_re_elect"),
    path("terms/<int:term_id>/succeed/", terms.succeed, name="deputies_succeed"),
    path("contacts/<int:contact_id>/end/", deeds.end_contact, name="deputies_end_contact"),
    path("<int:mandate_id>/", roster.person, name="deputies_person"),
    path("<int:mandate_id>/card/", roster.card, name="deputies_card"),
    path("<int:mandate_id>/phone/", deeds.reveal, name="deputies_reveal_phone"),
    path("<int:mandate_id>/contacts/add/", deeds.add_contact, name="deputies_add_contact"),
]
