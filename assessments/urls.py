"""Addresses of this floor; names begin with ``assessments_``."""

from django.urls import path

from assessments.views import notices, own, reports, results, talks

urlpatterns = [
    path("", own.home, name="assessments_home"),
    path("score/", own.my_score, name="assessments_my_score"),
    path("deputies/<int:mandate_id>/", own.of_deputy, name="assessments_of_deputy"),
    path("sheets/<int:pk>/", own.sheet, name="assessments_sheet"),
    path("sheets/<int:pk>/objection/", own.objection, name="assessments_objection"),
    path("objections/<int:pk>/", own.objection_detail, name="assessments_objection_detail"),
    path("objections/<int:pk>/withdraw/", own.withdraw, name="assessments_objection_withdraw"),
    path("objections/<int:pk>/recheck/", own.recheck, name="assessments_objection_recheck"),
    path("notices/", notices.notices, name="assessments_notices"),
    path("notices/<int:pk>/", notices.notice, name="assessments_notice"),
    path("notices/<int:pk>/receive/", notices.receive, name="assessments_notice_receive"),
    path("notices/<int:pk>/pdf/", notices.notice_pdf, name="assessments_notice_pdf"),
    path("notices/<int:pk>/deliver/", notices.deliver, name="assessments_deliver"),
    path("notices/<int:pk>/excuse/", notices.excuse, name="assessments_excuse"),
    path("notices/<int:pk>/unreported/", notices.unreported, name="assessments_unreported"),
    path("notices/<int:pk>/report/", reports.report, name="assessments_report"),
    path("notices/<int:pk>/report/pdf/", reports.report_pdf, name="assessments_report_pdf"),
    path("reports/<int:pk>/review/", reports.review, name="assessments_review"),
    path("reports/<int:pk>/opinion/", reports.leader_opinion, name="assessments_leader_opinion"),
    path("talks/<int:pk>/", talks.talk, name="assessments_talk"),
    path("talks/<int:pk>/cancel/", talks.cancel, name="assessments_talk_cancel"),
    path("talks/<int:pk>/pdf/", talks.talk_pdf, name="assessments_talk_pdf"),
    path("results/", results.results, name="assessments_results"),
    path("circulars/<int:pk>/pdf/", notices.circular_pdf, name="assessments_circular_pdf"),
]
