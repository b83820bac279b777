"""Settings, closed by default.

Everything comes from the environment (``.env.example`` lists the names). Outside the demo and the tests
the program refuses to start without its secrets, with an open host list or with debugging on.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg2 import ProgrammingError
from psycopg2.extensions import make_dsn

from liaison import database_url

BASE_DIR = Path(__file__).resolve().parent.parent
LIAISON_ENV = os.environ.get("LIAISON_ENV", "production")
if LIAISON_ENV not in ("demo", "dev", "test", "production"):
    raise ImproperlyConfigured("LIAISON_ENV 应为 production、demo、dev 或 test。")
IS_DEV = LIAISON_ENV == "dev"
# A developer's server works on the data of the demo.
IS_DEMO = LIAISON_ENV == "demo" or IS_DEV
IS_TEST = LIAISON_ENV == "test"
IS_PRODUCTION = LIAISON_ENV == "production"


def _secret(name: str, demo_value: str) -> str:
    value = os.environ.get(name, "")
    if value:
        return value
    if IS_PRODUCTION:
        raise ImproperlyConfigured(f"未设置 {name}，请在 .env 中填写（见 .env.example）。")
    return demo_value


def _number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdecimal()):
        raise ImproperlyConfigured(f"{name} 应为数字：{value}。")
    return int(value)


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


# Error pages that show settings and source: only by script/dev, which listens on this machine alone.
DEBUG = IS_DEV
SECRET_KEY = _secret("SECRET_KEY", "not-a-secret-" * 5)
# The first key encrypts personal data, the others still read it after a change of key.
FIELD_KEYS = _secret("FIELD_KEY", "bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYS0=").split(",")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "" if IS_PRODUCTION else "localhost,127.0.0.1,testserver")
CSRF_TRUSTED_ORIGINS = _list("CSRF_TRUSTED_ORIGINS")
SITE_URL = os.environ.get("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# One PC that serves only itself (a single township) has nobody to hide its words from on the way, and no name
# a certificate could be for. As soon as one other name leads here, everything goes over TLS.
_LOOPBACK = {"127.0.0.1", "localhost"}
_ADDRESS = urlsplit(SITE_URL)
IS_ALONE = _ADDRESS.scheme == "http" and {_ADDRESS.hostname, *ALLOWED_HOSTS} <= _LOOPBACK
IS_OVER_TLS = IS_PRODUCTION and not IS_ALONE
if IS_PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS 须逐一写明主机名，不能为空或“*”。")
if IS_PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY 至少50个字符。")

DATA_DIR = Path(os.environ.get("LIAISON_DATA_DIR", BASE_DIR / ".local" / "data"))
FONT_DIR = Path(os.environ.get("LIAISON_FONT_DIR", BASE_DIR / ".local" / "fonts"))
MEDIA_ROOT = DATA_DIR / "files"

INSTALLED_APPS = [
    "liaison.apps.LiaisonConfig",
    "deputies.apps.DeputiesConfig",
    "stations.apps.StationsConfig",
    "constituents.apps.ConstituentsConfig",
    "assessments.apps.AssessmentsConfig",
    "reports.apps.ReportsConfig",
    "liaison.apps.LiaisonAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_htmx",
]

MIDDLEWARE = [
    "liaison.web.middleware.RequestIdMiddleware",
    "liaison.web.whole_bodies.WholeBodyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "liaison.web.middleware.SessionAgeMiddleware",
    "liaison.web.saved_forms.SavedFormMiddleware",
    "liaison.web.middleware.ScopeMiddleware",
    "liaison.web.probing.ProbingMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "liaison.web.middleware.NulMiddleware",
    "liaison.web.middleware.ErrorMiddleware",
    "liaison.identity.gates.AccountGateMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "liaison.urls"
WSGI_APPLICATION = "liaison.wsgi.application"
MESSAGE_STORAGE = "liaison.web.saved_forms.PageMessages"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "liaison.Account"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "liaison.web.context.shell",
            ],
        },
    },
]


def _database(role: str) -> dict[str, object]:
    """The owner's URL with user and password swapped for the role of this process."""
    address = _address(os.environ.get("DATABASE_URL", "postgresql://liaison_owner@127.0.0.1:5432/liaison"))
    if role not in ("owner", "web", "worker"):
        raise ImproperlyConfigured("LIAISON_DB_ROLE 应为 owner、web 或 worker。")
    user, password = address.user, address.password
    if role != "owner":
        user = f"liaison_{role}"
        password = _secret(f"DATABASE_{role.upper()}_PASSWORD", password)
    # A page may not hold a query for long; documents and imports made by the worker may take longer.
    timeout = {"owner": "0", "web": "5s", "worker": "40s"}[role]
    idle = {"owner": "0", "web": "30s", "worker": "60s"}[role]
    lock = {"owner": "0", "web": "2s", "worker": "10s"}[role]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.database,
        "USER": user,
        "PASSWORD": password,
        "HOST": address.host,
        "PORT": address.port,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # What the office asked for in the address (sslmode, connect_timeout …) holds for every role.
        "OPTIONS": {
            **address.options,
            "options": f"-c statement_timeout={timeout} -c lock_timeout={lock} "
            f"-c idle_in_transaction_session_timeout={idle} {address.options.get('options', '')}".strip(),
        },
    }


def _address(url: str) -> database_url.Address:
    """Refuses what libpq would refuse at the first query, before anything has started."""
    try:
        address = database_url.parse(url)
        make_dsn(**address.options)
    except (database_url.WrongAddress, ProgrammingError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL 有误：{str(error).strip()}") from None
    return address


DATABASES = {"default": _database(os.environ.get("LIAISON_DB_ROLE", "web"))}
# For the commands and tests that make databases; never a connection of the running program.
OWNER_DATABASE = _database("owner")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "liaison.files.static_files.ModuleStorage"
        if not (IS_TEST or IS_DEV)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = IS_TEST or IS_DEV
# Looked up when asked for: a test makes hundreds of clients, and each would read all files anew.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS

# Sign-in. Argon2; lockout by account and address; second factor for staff is enrolled in django-otp.
PASSWORD_HASHERS = [
    "liaison.identity.hashing.BoundedArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "liaison.identity.hashing.OneTimePasswordHasher",
]
if IS_TEST:
    PASSWORD_HASHERS[:2] = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "liaison.identity.auth.ScopedBackend"]
# Staff prove a second factor; an office may switch it off in the environment and answers for that.
LIAISON_REQUIRE_OTP = os.environ.get("LIAISON_REQUIRE_OTP", "1" if IS_PRODUCTION else "0") == "1"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "liaison/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
TRUSTED_PROXIES = _list("TRUSTED_PROXIES")
AXES_CLIENT_IP_CALLABLE = "liaison.web.middleware.client_address"

# Rows whose key is a digest of the cookie: the table lets nobody in.
SESSION_ENGINE = "liaison.identity.sessions"
SESSION_COOKIE_NAME = "__Host-liaison" if IS_OVER_TLS else "liaison_session"
CSRF_COOKIE_NAME = "__Host-liaison-csrf" if IS_OVER_TLS else "liaison_csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_OVER_TLS
SECURE_SSL_REDIRECT = IS_OVER_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_OVER_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# The one policy of every answer. Other sites learn no address, so secret codes in addresses stay here. A
# stricter one (no-referrer) makes browsers send ``Origin: null`` with forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "liaison.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {"geolocation": [], "microphone": [], "payment": [], "usb": []}

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o640

EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = _number("EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "liaison@localhost")

# Redis is only the doorbell: every job is a row, and beat finds rows whose doorbell was never heard.
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 45
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["liaison.web.api_base.ActorPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "liaison.web.api_base.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
    "EXCEPTION_HANDLER": "liaison.web.api_base.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "人大代表履职管理接口",
    "DESCRIPTION": "只读接口，范围与当前任职一致。",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": False,
    "SERVE_PERMISSIONS": ["liaison.web.api_base.ActorPermission"],
}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if not IS_TEST
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "liaison.web.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING" if IS_TEST else "INFO"},
    "loggers": {
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}
