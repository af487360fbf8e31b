"""Settings of Lianshen (联审), read from the environment.

`LIANSHEN_MODE` is `demo` (default, set by `manage.py demo`), `test` or `production`. Production
refuses to start with a secret key, origins or accounts that belong to the demo.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("LIANSHEN_VAR", BASE_DIR / "var"))
MODE = os.environ.get("LIANSHEN_MODE", "demo")
if MODE not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"LIANSHEN_MODE must be demo, test or production, not {MODE!r}")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"


def from_environment(name: str, outside_production: str) -> str:
    """A setting that production must give itself; elsewhere it has a known value."""
    value = os.environ.get(name, "")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production")
    return outside_production


SECRET_KEY = from_environment("SECRET_KEY", "demo-only-key-that-production-refuses-to-start-with")
DEBUG = False
PORT = int(os.environ.get("LIANSHEN_PORT", "8000"))
PUBLIC_ORIGINS = from_environment(
    "PUBLIC_ORIGINS", f"http://127.0.0.1:{PORT},http://localhost:{PORT},http://testserver"
).split(",")
PUBLIC_ORIGIN = PUBLIC_ORIGINS[0]
# Probes come by the machine's own address; links are made from PUBLIC_ORIGIN, never from the Host header.
ALLOWED_HOSTS = sorted({urlparse(origin).hostname or "" for origin in PUBLIC_ORIGINS} | {"127.0.0.1", "localhost"})
if os.environ.get("FILES_ORIGIN"):
    ALLOWED_HOSTS.append(urlparse(os.environ["FILES_ORIGIN"]).hostname or "")
CSRF_TRUSTED_ORIGINS = [origin for origin in PUBLIC_ORIGINS if "testserver" not in origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "channels",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_prometheus",
    "config",
    "ledger",
    "accounts",
    "regional_eval",
    "certificates",
    "projects",
    "drawings",
    "joint_review",
    "realtime",
    "notices",
    "supervision",
    "portal",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "config.middleware.requests.RequestLog",
    "config.middleware.security.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.files_host.FilesHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.acting.ActingUnderMandate",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActorOfRequest",
    "ledger.answers.RefusalsBecomeAnswers",
    "ledger.idempotency.AnswerOnce",
    "accounts.middleware.NoAnswerWithoutDecision",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Person"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.actor_of_request",
                "portal.context.inbox_unread",
            ],
            "builtins": ["config.templatetags.lianshen", "django.templatetags.i18n"],
        },
    }
]


def database(url: str) -> dict[str, object]:
    """Django's database entry for a `postgresql://user:password@host:port/name?host=socket` address."""
    parts = urlparse(url)
    options: dict[str, object] = {"options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"}
    if MODE != "test":
        # Under ASGI every request has a thread of its own, so kept connections would never be used again: a pool is.
        options["pool"] = {"min_size": 1, "max_size": int(os.environ.get("DATABASE_POOL", "16")), "timeout": 10}
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
        "TEST": {"NAME": "test_lianshen" + os.environ.get("LIANSHEN_TEST_SUFFIX", "")},
    }


DATABASES = {"default": database(from_environment("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/lianshen"))}

REDIS_URL = from_environment("REDIS_URL", "redis://127.0.0.1:6379/0")
# The room bus: `redis` between several processes, `local` inside one (realtime.md section 0.6).
BUS = os.environ.get("LIANSHEN_BUS", "local" if MODE == "test" else "redis")
# Who finds and cuts land: `boxes` (PostgreSQL's own box type and shapely) or `postgis` (docs/algorithms/reuse.md).
SPATIAL_ENGINE = os.environ.get("LIANSHEN_SPATIAL_ENGINE", "boxes")
# Limits of one socket and one person in the rooms (promises.md S18); `bench` raises them and says so.
ROOM_MESSAGES_PER_SECOND = int(os.environ.get("LIANSHEN_ROOM_RATE", "30"))
# What waits for a socket that does not read; with more it is closed, and catches up when it comes back.
ROOM_OUTBOX_BYTES = 4 * 1024 * 1024
ROOM_SOCKETS_PER_PERSON = int(os.environ.get("LIANSHEN_ROOM_SOCKETS", "10"))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if MODE == "test"
    else {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"drawings.tasks.*": {"queue": "drawings"}}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_IGNORE_RESULT = True

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"} if MODE != "test" else False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Staff need a second factor; only the demo and the tests go without one.
STAFF_NEED_SECOND_FACTOR = PRODUCTION
STEP_UP_SECONDS = 300

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.error_pages.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").iterdir() if path.is_dir())
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [("dist", BASE_DIR / "frontend" / "dist")]
WHITENOISE_USE_FINDERS = True
# In tests every client makes a handler of its own, which would look through all files: there each is looked for when asked.
WHITENOISE_AUTOREFRESH = MODE == "test"
VITE_MANIFEST = BASE_DIR / "frontend" / "dist" / "manifest.json"

# Originals, quarantine and prepared sheets; every file is named by its sha256.
BLOB_DIR = VAR_DIR / "blobs"
KEY_DIR = VAR_DIR / "keys"
UPLOAD_LIMIT_BYTES = 200 * 1024 * 1024
# What the drawings of one enterprise may take together.
TENANT_QUOTA_BYTES = int(os.environ.get("TENANT_QUOTA_GB", "50")) * 1024**3
# Originals are handed out from another origin than the pages, `https://host[:port]`, so that what a browser might make of
# a hostile file never runs beside a session; empty: the demo's other name of this machine.
FILES_ORIGIN = os.environ.get("FILES_ORIGIN", "").rstrip("/")
if FILES_ORIGIN in PUBLIC_ORIGINS:
    raise ImproperlyConfigured("FILES_ORIGIN must be another origin than PUBLIC_ORIGINS")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

DEMO_PASSWORD = "lianshen-demo"  # noqa: S105 - the README prints it; production refuses accounts that have it

METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"level": os.environ.get("LOG_LEVEL", "WARNING" if MODE == "test" else "INFO")}
SILENCED_SYSTEM_CHECKS: list[str] = []
