from django.urls import path

from gallery import views

urlpatterns = [
    path("brand.css", views.brand),
    path("mail/", views.mail),
    *(path(f"{shell}/", views.page, {"shell": shell}) for shell in ("topbar", "split", "single", "console")),
]
