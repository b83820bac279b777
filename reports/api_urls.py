"""Addresses of the read-only interface; every name begins with ``api_``."""

from typing import Any

from django.urls import path

from reports import api
from reports.api_schema import SchemaView

_LIST: dict[str, Any] = {"get": "list"}
_ONE: dict[str, Any] = {"get": "retrieve"}

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("deputies/", api.DeputyViewSet.as_view(_LIST), name="api_deputies"),
    path("deputies/<int:pk>/", api.DeputyViewSet.as_view(_ONE), name="api_deputy"),
    path("stations/", api.StationViewSet.as_view(_LIST), name="api_stations"),
    path("stations/<int:pk>/", api.StationViewSet.as_view(_ONE), name="api_station"),
    path("reception-days/", api.ReceptionDayViewSet.as_view(_LIST), name="api_reception_days"),
    path("reception-days/<int:pk>/", api.ReceptionDayViewSet.as_view(_ONE), name="api_reception_day"),
    path("opinions/", api.OpinionViewSet.as_view(_LIST), name="api_opinions"),
    path("opinions/<int:pk>/", api.OpinionViewSet.as_view(_ONE), name="api_opinion"),
    path("suggestions/", api.SuggestionViewSet.as_view(_LIST), name="api_suggestions"),
    path("suggestions/<int:pk>/", api.SuggestionViewSet.as_view(_ONE), name="api_suggestion"),
    path("assessments/", api.AssessmentViewSet.as_view(_LIST), name="api_assessments"),
    path("assessments/<int:pk>/", api.AssessmentViewSet.as_view(_ONE), name="api_assessment"),
    path("score-sheets/", api.ScoreSheetViewSet.as_view(_LIST), name="api_score_sheets"),
    path("score-sheets/<int:pk>/", api.ScoreSheetViewSet.as_view(_ONE), name="api_score_sheet"),
]
