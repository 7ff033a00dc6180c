"""Django's settings, and the only reader of environment variables (all are listed in docs/reference/settings.md).

Without DATABASE_URL the project runs for itself, on its own PostgreSQL in var/: a trial, a laptop, the tests.
With DATABASE_URL it is in production, and what a production needs must be given.
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from foxreviews import localdb
from foxreviews.core.rate_table import Rate
from foxreviews.core.server_watch import WatchedConnection, watched_connection

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
LOG_DIR = Path(os.environ.get("LOG_DIR", BASE_DIR / "logs"))
SEARCH_INDEX_DIR = Path(os.environ.get("SEARCH_INDEX_DIR", VAR_DIR / "search"))
BACKUP_DIR = Path(os.environ.get("BACKUP_DIR", VAR_DIR / "backups"))
DATABASE_URL = os.environ.get("DATABASE_URL", "")
MANAGE_COMMAND = os.environ.get("MANAGE_COMMAND", ".venv/bin/python manage.py")  # as commands name each other


def _words(name: str, default: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default)).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _flag(name: str) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text not in {"1", "true", "yes", "on", "", "0", "false", "no", "off"}:
        raise ImproperlyConfigured(f"{name} is 1 or 0, not {text!r}.")
    return text in {"1", "true", "yes", "on"}


def _one_of(name: str, values: tuple[str, ...], default: str) -> str:
    text = os.environ.get(name, default)
    if text not in values:
        raise ImproperlyConfigured(f"{name} is {' or '.join(values)}, not {text!r}.")
    return text


def _rate(name: str, default: str) -> Rate:
    try:
        return Rate.parse(os.environ.get(name, default))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {error}.") from error


def _cache_url() -> str:
    url = os.environ.get("CACHE_URL", "").strip()
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(  # it may have a password
            "CACHE_URL is the address of a Redis such as redis://127.0.0.1:6379/0; it begins with redis://, rediss:// "
            "or unix://."
        )
    return url


def _static_url() -> str:
    url = os.environ.get("STATIC_URL", "").strip()
    if url and not re.fullmatch(r"(https?://[A-Za-z0-9.\[\]:-]+)?/([A-Za-z0-9._~-]+/)+", url):
        raise ImproperlyConfigured(
            f"STATIC_URL is a path such as /static/, or an address such as https://cdn.example.org/static/, "
            f"not {url!r}."
        )
    return url or "static/"


def _origins() -> list[str]:
    """Of pages: scheme, host and port, nothing else; or * alone."""
    origins = _words("CORS_ORIGINS", "*")
    for origin in origins if origins != ["*"] else []:
        if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", origin):
            raise ImproperlyConfigured(
                f"CORS_ORIGINS has origins with commas, such as https://example.fr, or * alone, not {origin!r}."
            )
    return origins


def _cluster_addresses() -> list[str]:
    addresses = _words("OPENSEARCH_URL", "")
    for address in addresses:
        # It may have a password, which is not repeated.
        if not re.fullmatch(r"https?://([^/@\s]+@)?[A-Za-z0-9.\[\]:-]+(/\S*)?", address):
            raise ImproperlyConfigured(
                "OPENSEARCH_URL has addresses with commas, such as https://node1:9200,https://node2:9200; one of them "
                "cannot be read."
            )
    if SEARCH_ENGINE == "opensearch" and not addresses:
        raise ImproperlyConfigured(
            "SEARCH_ENGINE=opensearch needs the addresses of the cluster: OPENSEARCH_URL=https://node1:9200"
        )
    return addresses


def _index_name() -> str:
    name = os.environ.get("OPENSEARCH_INDEX", "foxreviews")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", name):
        raise ImproperlyConfigured(
            f"OPENSEARCH_INDEX is small letters, digits, - and _, such as foxreviews, not {name!r}."
        )
    return name


def _hosts() -> list[str]:
    hosts = _words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    for host in hosts:
        if "/" in host or (":" in host and not (host.startswith("[") and host.endswith("]"))):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS has names such as directory.example.org, without https:// or a port, not {host!r}."
            )
    return hosts


def _own_secret_key() -> str:
    """The key of a directory that runs for itself: made once, readable by its owner alone."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # two first starts at once: the first key stays
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


DEBUG = _flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    if DATABASE_URL:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Make one and keep it: "
            "export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))')"
        )
    try:
        SECRET_KEY = _own_secret_key()
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{error.filename}: permission denied. Another account made it. Run this as that one, or as root."
        ) from error
ALLOWED_HOSTS = _hosts()

INSTALLED_APPS = [
    "foxreviews.web",  # first: where Django's own applications have the same English word, its French is ours
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",  # of staff: foxreviews/api/staff.py
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "corsheaders",
    "foxreviews.localdb",
    "foxreviews.location",
    "foxreviews.enterprise",
    "foxreviews.importing",
    "foxreviews.search",
    "foxreviews.descriptions",
    "foxreviews.matching",
    "foxreviews.api",
    "foxreviews.exports",
    "foxreviews.sirene",
    "foxreviews.backup",
    "foxreviews.workers",
    "foxreviews.demo",
    "foxreviews.ops",
]
MIDDLEWARE = [
    "foxreviews.telemetry.middleware.Tracing",
    "foxreviews.api.framework.BodylessHead",
    "foxreviews.telemetry.probes.Probes",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "foxreviews.web.assets.Assets",
    "foxreviews.api.public.NotStored",
    "foxreviews.api.framework.ContentSecurityPolicy",
    "foxreviews.api.framework.LoginLimit",
    "foxreviews.api.rate_limit.RateLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "foxreviews.api.framework.LastSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Which pages may read the API in their visitors' browsers. What it says is public, and no cookie is sent along.
CORS_ORIGINS = _origins()
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_ALL_ORIGINS = CORS_ORIGINS == ["*"]
CORS_ALLOWED_ORIGINS = [] if CORS_ALLOW_ALL_ORIGINS else CORS_ORIGINS
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
CORS_EXPOSE_HEADERS = [
    *("Content-Disposition", "ETag", "X-Dataset-Version", "X-Request-ID"),
    *("RateLimit", "RateLimit-Policy", "Retry-After"),
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]


# What a web worker asks of its sessions. The small cache is a lie to the planner: believing that a whole index is in
# memory, it walks 4,000,000 rows for a page that a sparse filter leaves empty (7,390 ms; 43 ms so). See
# docs/decisions/0005-web-sessions-distrust-the-cache.md.
WEB_SESSION = "-c effective_cache_size=64MB -c statement_timeout=10s"


def _parsed(name: str, url: str, example: str) -> dict[str, Any]:
    try:
        return dict(dj_database_url.parse(url))
    except ValueError as error:  # the address may have a password
        raise ImproperlyConfigured(
            f"{name} is an address such as postgresql://user:password@host:5432/{example}; it cannot be read."
        ) from error


def _with_pool(
    settings: dict[str, Any], connection_class: type[WatchedConnection], timeout: float
) -> dict[str, Any]:
    """Web workers share a pool (see config/wsgi.py); a command has the one connection it needs.

    A connection that cannot be made is tried again when one is asked for next, not after a growing pause.
    """
    options = settings.setdefault("OPTIONS", {})
    if pool_size := _number("DATABASE_POOL_SIZE", 0):
        settings["ENGINE"] = "foxreviews.core.postgresql"
        options["pool"] = {
            "connection_class": connection_class,
            "min_size": pool_size,  # kept open: a request that meets a pool that grows waits for up to 200 ms
            "max_size": pool_size,
            "timeout": timeout,
            "reconnect_timeout": 2,
        }
        options.setdefault("connect_timeout", 3)
        options["options"] = f"{options.get('options', '')} {WEB_SESSION}".strip()
    return settings


def _database() -> dict[str, Any]:
    if DATABASE_URL:
        settings = _parsed("DATABASE_URL", DATABASE_URL, "name")
    else:
        settings = {"ENGINE": "django.db.backends.postgresql", **localdb.connection_settings()}
    return _with_pool(settings, WatchedConnection, 3)


def _replicas() -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """Their connections by alias, and their weights. The primary answers what a replica has no connection for."""
    databases: dict[str, dict[str, Any]] = {}
    weights: dict[str, int] = {}
    for number, url in enumerate(_words("DATABASE_REPLICA_URLS", ""), 1):
        settings = _parsed("DATABASE_REPLICA_URLS", url, "name?weight=2, with commas between several")
        weight, alias = str(settings.get("OPTIONS", {}).pop("weight", "1")), f"replica-{number}"
        if not re.fullmatch("[1-9][0-9]?", weight):
            raise ImproperlyConfigured(
                f"DATABASE_REPLICA_URLS: a weight is a whole number from 1 to 99, not {weight!r}."
            )
        databases[alias] = _with_pool(settings, watched_connection(alias), 0.5)
        weights[alias] = int(weight)
    return databases, weights


# Reads of the API and of pages go to replicas (foxreviews/core/postgresql/routing.py), in web workers alone.
_REPLICAS, REPLICA_WEIGHTS = _replicas()
MAX_REPLICA_LAG = _number("MAX_REPLICA_LAG", 10)  # seconds
if MAX_REPLICA_LAG < 3:  # a replica is looked at once a second, and so is the primary
    raise ImproperlyConfigured(f"MAX_REPLICA_LAG is 3 seconds or more, not {MAX_REPLICA_LAG}.")
DATABASES = {"default": _database(), **_REPLICAS}
if REPLICA_WEIGHTS and "pool" in DATABASES["default"]["OPTIONS"]:
    MIDDLEWARE.append("foxreviews.core.postgresql.routing.ReadReplicas")

LANGUAGE_CODE = "en"
LOCALE_PATHS = [
    BASE_DIR / "foxreviews" / "locale"
]  # the French of problem+json; that of the pages is in their room
TIME_ZONE = "Europe/Paris"
USE_TZ = True
STATIC_URL = _static_url()  # with the name of a CDN, where one is in front of them
STORAGES = {"staticfiles": {"BACKEND": "foxreviews.web.assets.HashedFiles"}}
WHITENOISE_USE_FINDERS = True  # served from the packages themselves: nothing to collect before a first start

# Security: nothing is loaded from elsewhere but from the CDN of STATIC_URL, nothing is framed.
_ASSETS = re.findall("^https?://[^/]+", STATIC_URL)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF, *_ASSETS],
        "img-src": [SELF, "data:", *_ASSETS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = _flag("HTTPS")  # set where a proxy in front speaks TLS
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
TRUSTED_PROXIES = _number("TRUSTED_PROXIES", 0)  # how many proxies in front append to X-Forwarded-For
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

RATES = {  # of each client, see foxreviews/api/rate_limit.py
    "page": _rate("THROTTLE_RATE", "1200/min"),
    "search": _rate("THROTTLE_SEARCH_RATE", os.environ.get("THROTTLE_RATE", "1200/min")),
    "login": _rate("THROTTLE_LOGIN_RATE", "10/hour"),
    "export": _rate("THROTTLE_EXPORT_RATE", "60/hour"),
    "match": _rate("THROTTLE_MATCH_RATE", "30/min"),  # lists: /api/appariements/, /rapprocher
}
# Who has a key may come so many times as often; keys of these names are taken back (foxreviews/api/keys.py).
API_KEY_FACTOR = max(_number("API_KEY_FACTOR", 10), 1)
API_KEYS_REVOKED = _words("API_KEYS_REVOKED", "")
# The table of a matched list (foxreviews/web/match.py) has a choice for each of 1,000 lines.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100
# Exports are processes of their own, each with a connection and some 200 MB; see foxreviews/api/exports/.
EXPORTS_AT_ONCE = _number("EXPORTS_AT_ONCE", 2)
EXPORT_SECONDS = _number("EXPORT_SECONDS", 3600)
REST_FRAMEWORK = {
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "foxreviews.api.framework.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["foxreviews.api.framework.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["foxreviews.api.framework.OrjsonParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "foxreviews.api.errors.problem_response",
    "NUM_PROXIES": TRUSTED_PROXIES,  # of api.framework.client
    "URL_FORMAT_OVERRIDE": None,  # Accept decides; ?format= is refused like any unknown parameter
}
# What is kept of answers: in each process so many megabytes, and with CACHE_URL in a Redis for all of them, which also
# counts the requests of clients for all hosts together. See docs/howto/cache.md.
CACHE_URL = _cache_url()
CACHE_MEMORY = _number("CACHE_MEMORY", 16)
CDN_SECONDS = _number("CDN_SECONDS", 10)  # for which caches in front may keep an answer: docs/howto/cdn.md

# search.engine.ENGINES
SEARCH_ENGINE = _one_of("SEARCH_ENGINE", ("tantivy", "postgres", "opensearch"), "tantivy")
# The cluster of SEARCH_ENGINE=opensearch: docs/howto/opensearch.md
OPENSEARCH_URL = _cluster_addresses()
OPENSEARCH_INDEX = _index_name()
OPENSEARCH_USER = os.environ.get("OPENSEARCH_USER", "")
OPENSEARCH_PASSWORD = os.environ.get("OPENSEARCH_PASSWORD", "")
OPENSEARCH_API_KEY = os.environ.get("OPENSEARCH_API_KEY", "")
OPENSEARCH_CA_FILE = os.environ.get("OPENSEARCH_CA_FILE", "")
if OPENSEARCH_CA_FILE and not Path(OPENSEARCH_CA_FILE).is_file():
    raise ImproperlyConfigured(
        f"OPENSEARCH_CA_FILE is a file with certificates; {OPENSEARCH_CA_FILE} is none."
    )
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "foxreviews",
    "DESCRIPTION": "Every company in France: list, find, page through.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "foxreviews.api.schema.complete",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# One line for each request where machines read them; for people, those that are slow or fail. Web workers write to
# stderr alone, where systemd or Docker keeps and rotates it; commands also to LOG_DIR (core.progress).
LOG_FORMAT = _one_of("LOG_FORMAT", ("json", "text"), "json" if DATABASE_URL else "text")
SLOW_REQUEST_MS = _number("SLOW_REQUEST_MS", 500)
SLOW_QUERY_MS = _number("SLOW_QUERY_MS", 200)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "foxreviews.core.logs.TextFormatter"},
        "json": {"()": "foxreviews.core.logs.JsonFormatter"},
    },
    "filters": {"without-address": {"()": "foxreviews.core.logs.WithoutAddress"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": []},  # its own would write each line again
        # The client of a refused request gets the reason; here the line would say only that there was one.
        "django.request": {"level": "ERROR", "filters": ["without-address"]},
        "django.security": {
            "level": "CRITICAL"
        },  # what it refuses is in the request's line, without a traceback
        "opensearch": {"level": "CRITICAL"},  # who asks the cluster says why it did not answer
        "foxreviews.request": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}

# Where the web workers keep their figures for /metrics; config/gunicorn.py makes the folder.
METRICS_DIR = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
# What `manage.py scaling` reads: the Prometheus that collects /metrics, or the request log.
PROMETHEUS_URL = os.environ.get("PROMETHEUS_URL", "")
if PROMETHEUS_URL and not PROMETHEUS_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured(
        f"PROMETHEUS_URL is an address such as http://127.0.0.1:9090, not {PROMETHEUS_URL!r}."
    )
REQUEST_LOG = os.environ.get("REQUEST_LOG", "")

# Who words descriptions (foxreviews/descriptions): an OpenAI-compatible endpoint. Without one they are made by rule.
DESCRIPTION_URL = os.environ.get("DESCRIPTION_URL", "")
DESCRIPTION_KEY = os.environ.get("DESCRIPTION_KEY", "")
DESCRIPTION_MODEL = os.environ.get("DESCRIPTION_MODEL", "")
DESCRIPTION_BUDGET = _number("DESCRIPTION_BUDGET", 1000)  # requests a day
if DESCRIPTION_URL and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", DESCRIPTION_URL):
    raise ImproperlyConfigured(  # without it: it may have a key
        "DESCRIPTION_URL is an address such as https://example.org/v1, to which /chat/completions is added."
    )
if DESCRIPTION_URL and not DESCRIPTION_MODEL:
    raise ImproperlyConfigured("DESCRIPTION_MODEL is not set: name the model that DESCRIPTION_URL is to use.")

# Where Celery runs what takes long or is due (foxreviews/workers): Redis. Without it, commands and timers do.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
if CELERY_BROKER_URL and not CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    raise ImproperlyConfigured(  # without it: it may have a password
        "CELERY_BROKER_URL is the address of a Redis, such as redis://127.0.0.1:6379/1."
    )
# The stock files that the monthly reload loads.
REGISTER_DIR = Path(os.environ.get("REGISTER_DIR", VAR_DIR / "register"))
