"""Addresses of audit and operations."""

from django.urls import path

from supervision import views

app_name = "supervision"
urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/deliveries/<int:delivery_id>/retry/", views.retry_delivery, name="retry_delivery"),
    path("cards/", views.cards, name="cards"),
    path("cards/<uuid:card_id>/explain/", views.explain_card, name="explain_card"),
    path("cards/<uuid:card_id>/appeal/", views.appeal_card, name="appeal_card"),
    path("cards/<uuid:card_id>/withdraw/", views.withdraw_card, name="withdraw_card"),
    path("audit/", views.audit, name="audit"),
    path("audit/verify/", views.verify_audit, name="verify_audit"),
]
