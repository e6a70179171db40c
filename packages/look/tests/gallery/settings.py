"""The least that the look needs from a site, under the strictest policy that its pages are made for."""

SECRET_KEY = "no secret: a gallery of components, on loopback, for tests"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ROOT_URLCONF = "gallery.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DATABASES: dict[str, object] = {}
INSTALLED_APPS = ["django.contrib.staticfiles", "django.contrib.messages", "keywright_look", "gallery"]
MIDDLEWARE = ["gallery.policy.strict_policy", "django.middleware.csrf.CsrfViewMiddleware"]
FORM_RENDERER = "keywright_look.forms.LookRenderer"
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
