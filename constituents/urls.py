"""Addresses of opinions and suggestions; those under ``follow/`` are for residents without an account."""

from django.urls import path

from constituents.views import cases, desk, desk_records, papers, public, receipts, scans, suggestions

urlpatterns = [
    path("", cases.home, name="constituents_home"),
    path("follow/", public.follow, name="constituents_follow"),
    path("follow/<str:code>/", public.follow, name="constituents_follow_code"),
    path("follow/<str:code>/rate/", public.rate, name="constituents_rate"),
    path("unit/", desk.unit, name="constituents_unit"),
    path("mine/", desk.mine, name="constituents_mine"),
    path("add/", desk.add, name="constituents_add"),
    path("desk/", desk_records.matter, name="constituents_desk_matter"),
    path("desk/<int:opinion_id>/photos/", desk_records.photos, name="constituents_desk_photos"),
    path("do/<str:code>/", cases.action, name="constituents_opinion_action"),
    path("export/", papers.export, name="constituents_export"),
    path("sheet/", papers.blank_sheet, name="constituents_blank_sheet"),
    path("suggestions/mine/", suggestions.mine, name="constituents_my_suggestions"),
    path("suggestions/add/", suggestions.submit, name="constituents_submit_suggestion"),
    path("suggestions/do/<str:code>/", suggestions.action, name="constituents_suggestion_action"),
    path("suggestions/<int:suggestion_id>/", suggestions.suggestion, name="constituents_suggestion"),
    path("<int:opinion_id>/", cases.opinion, name="constituents_opinion"),
    path("<int:opinion_id>/receipt/", receipts.receipt, name="constituents_receipt"),
    path("<int:opinion_id>/reveal/", cases.reveal, name="constituents_reveal"),
    path("<int:opinion_id>/sheet/", papers.sheet, name="constituents_sheet"),
    path("<int:opinion_id>/sheet/full/", papers.full_sheet, name="constituents_full_sheet"),
    path("<int:opinion_id>/scans/", scans.add_to_opinion, name="constituents_add_scan"),
    path("receptions/<int:day_id>/", scans.day, name="constituents_day"),
    path("receptions/<int:day_id>/blank/", papers.blank_day_sheet, name="constituents_blank_day_sheet"),
    path("receptions/<int:day_id>/register/", papers.day_register, name="constituents_day_register"),
    path(
        "receptions/<int:day_id>/register/full/",
        papers.full_day_register,
        name="constituents_full_day_register",
    ),
    path("scans/<int:scan_id>/", scans.open_one, name="constituents_scan"),
    path("scans/<int:scan_id>/withdraw/", scans.withdraw, name="constituents_withdraw_scan"),
]
