"""Addresses of this floor; names begin with ``stations_``."""

from django.urls import path

from stations.views import activities, checking, deputy, desk, feeds, leave, papers, place, staff, swaps

urlpatterns = [
    path("", deputy.home, name="stations_home"),
    path("duty/", deputy.log_own_duty, name="stations_log_duty"),
    path("visit/", deputy.record, name="stations_record_visit"),
    path("records/", deputy.records, name="stations_records"),
    path("records/<int:record_id>/", checking.record, name="stations_record"),
    path("records/<int:record_id>/confirm/", checking.confirm_one, name="stations_confirm_one"),
    path("records/<int:record_id>/object/", checking.object_to, name="stations_object"),
    path("records/<int:record_id>/withdraw/", checking.withdraw, name="stations_withdraw_record"),
    path("confirm/", checking.waiting, name="stations_confirm"),
    path("leave/", leave.own, name="stations_leave"),
    path("leave/new/", leave.request, name="stations_request_leave"),
    path("leave/<int:leave_id>/withdraw/", leave.withdraw, name="stations_withdraw_leave"),
    path("swaps/", swaps.waiting, name="stations_swaps"),
    path("swaps/new/<int:record_id>/", swaps.propose, name="stations_propose_swap"),
    path("swaps/<int:swap_id>/answer/", swaps.answer, name="stations_answer_swap"),
    path("receptions/", staff.receptions, name="stations_receptions"),
    path("receptions/<int:day_id>/", staff.reception, name="stations_reception"),
    path("desk/<int:day_id>/begin/", desk.begin, name="stations_desk_begin"),
    path("desk/<int:day_id>/attendance/", desk.attendance, name="stations_desk_attendance"),
    path("desk/<int:day_id>/duty/", desk.duty, name="stations_desk_duty"),
    path("desk/<int:day_id>/end/", desk.end, name="stations_desk_end"),
    path("rota/<int:station_id>/", staff.rota, name="stations_rota"),
    path("calendar/", feeds.calendar, name="stations_calendar"),
    path("calendar/<str:key>.ics", feeds.feed, name="stations_calendar_feed"),
    path("receptions/<int:day_id>/poster/", papers.reception_poster, name="stations_reception_poster"),
    path("rota/<int:station_id>/pdf/", papers.station_rota, name="stations_rota_pdf"),
    path("rota/pdf/", papers.township_rota, name="stations_township_rota"),
    path("rota/<int:station_id>/poster/", papers.station_poster, name="stations_poster"),
    path("place/<int:station_id>/", place.place, name="stations_place"),
    path("photos/<int:photo_id>/", place.photo, name="stations_photo"),
    path("activities/new/", activities.register, name="stations_register_activity"),
]
