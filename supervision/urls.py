"""Addresses of audit and operations."""

from django.urls import path

from supervision import views

app_name = "supervision"
urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/deliveries/<int:delivery_id>/retry/", views.retry_delivery, name="retry_delivery"),
    path("audit/", views.audit, name="audit"),
    path("audit/verify/", views.verify_audit, name="verify_audit"),
]
