"""Addresses of pages for officials and deputies."""

from django.urls import path

from reports.views import compare, dossier, exports, matrix

urlpatterns = [
    path("compare/", compare.compare, name="reports_compare"),
    path("compare/export/", exports.export_comparison, name="reports_compare_export"),
    path("compare/print/", exports.print_comparison, name="reports_compare_print"),
    path("compare/<int:scope_code>/<str:figure>/", compare.drill, name="reports_drill"),
    path("dossier/", dossier.mine, name="reports_my_dossier"),
    path("dossier/<int:mandate_id>/", dossier.dossier, name="reports_dossier"),
    path("dossier/<int:mandate_id>/print/", dossier.print_dossier, name="reports_dossier_print"),
    path("matrix/", matrix.matrix, name="reports_matrix"),
    path("matrix/mine/", matrix.own, name="reports_my_norms"),
    path("matrix/print/", matrix.print_matrix, name="reports_matrix_print"),
    path("matrix/export/", matrix.export_matrix, name="reports_matrix_export"),
    path("matrix/deputy/<int:mandate_id>/<str:code>/", matrix.deputy_cell, name="reports_matrix_deputy"),
    path("matrix/<int:group_id>/<str:code>/", matrix.matrix_cell, name="reports_matrix_cell"),
]
