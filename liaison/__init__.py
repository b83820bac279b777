"""The project and the ground floor under every app."""

from liaison.celery import app as celery_app

__all__ = ["celery_app"]
