"""The Celery application. Upper floors are named as strings only.

Every beat entry asks "what is due and not done", never "it is nine o'clock": a beat that was down for
days catches up, and two beats at once change nothing.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")

# A module of tasks below an app is named; those right in an app are found.
app = Celery("liaison", include=["liaison.messages.tasks", "liaison.jobs.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Tests of the whole chain run beat so many times as fast.
MINUTE = 60.0 / float(os.environ.get("LIAISON_BEAT_FAST") or 1)
app.conf.beat_schedule = {
    "sweep-outbox": {"task": "liaison.messages.tasks.sweep_outbox", "schedule": MINUTE},
    "sweep-jobs": {"task": "liaison.jobs.tasks.sweep_jobs", "schedule": MINUTE},
    "sweep-notices": {"task": "assessments.tasks.sweep_notices", "schedule": MINUTE},
    "rectification-deadlines": {"task": "assessments.tasks.watch_rectifications", "schedule": 15 * MINUTE},
    "assessment-provisional": {"task": "assessments.tasks.settle_provisional", "schedule": 30 * MINUTE},
    "opinion-deadlines": {"task": "constituents.tasks.watch_opinions", "schedule": 15 * MINUTE},
    "opinion-provisional": {"task": "constituents.tasks.settle_provisional", "schedule": 30 * MINUTE},
    "reception-notices": {"task": "stations.tasks.announce_receptions", "schedule": 5 * MINUTE},
    "reception-plans": {"task": "stations.tasks.plan_ahead", "schedule": 360 * MINUTE},
    "turn-reminders": {"task": "stations.tasks.remind_turns", "schedule": 30 * MINUTE},
    "reception-provisional": {"task": "stations.tasks.settle_provisional", "schedule": 30 * MINUTE},
    "confirmation-reminders": {"task": "stations.tasks.remind_unconfirmed", "schedule": 60 * MINUTE},
    "invitation-reminders": {"task": "stations.tasks.remind_invitations", "schedule": 30 * MINUTE},
    "unconfirmed-records": {"task": "stations.tasks.watch_confirmations", "schedule": 60 * MINUTE},
}
