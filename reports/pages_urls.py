"""Addresses of pages for officials and deputies."""

from django.urls import path

from reports.views import compare, dossier, exports

urlpatterns = [
    path("compare/", compare.compare, name="reports_compare"),
    path("compare/export/", exports.export_comparison, name="reports_compare_export"),
    path("compare/print/", exports.print_comparison, name="reports_compare_print"),
    path("compare/<int:scope_code>/<str:figure>/", compare.drill, name="reports_drill"),
    path("dossier/", dossier.mine, name="reports_my_dossier"),
    path("dossier/<int:mandate_id>/", dossier.dossier, name="reports_dossier"),
    path("dossier/<int:mandate_id>/print/", dossier.print_dossier, name="reports_dossier_print"),
    path("matrix/", dossier.matrix, name="reports_matrix"),
    path("matrix/<int:group_id>/<str:code>/", dossier.matrix_cell, name="reports_matrix_cell"),
]
