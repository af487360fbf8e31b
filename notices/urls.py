"""Addresses of the inbox."""

from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read-all/", views.read_all, name="read_all"),
    path("inbox/<uuid:letter_id>/", views.open_letter, name="open_letter"),
]
