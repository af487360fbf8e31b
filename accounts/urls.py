"""Addresses of posts, step-up, mandates and confirmations."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("post/", views.choose_post, name="choose_post"),
    path("step-up/", views.step_up, name="step_up"),
    path("mandates/", views.mandates, name="mandates"),
    path("mandates/grant/", views.grant_mandate, name="grant_mandate"),
    path("mandates/<uuid:mandate_id>/accept/", views.accept_mandate, name="accept_mandate"),
    path("mandates/<uuid:mandate_id>/decline/", views.decline_mandate, name="decline_mandate"),
    path("mandates/<uuid:mandate_id>/revoke/", views.revoke_mandate, name="revoke_mandate"),
    path("confirmations/", views.second_keys, name="second_keys"),
    path("confirmations/<uuid:key_id>/", views.answer_second_key, name="answer_second_key"),
]
