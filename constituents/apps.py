"""The app's registration."""

from django.apps import AppConfig


class ConstituentsConfig(AppConfig):
    name = "constituents"
    verbose_name = "意见建议"
