"""Addresses of the joined pages."""

from django.urls import path

from portal.views import base_map, design, drafts

app_name = "portal"
urlpatterns = [
    path("basemap/", base_map.index, name="base_map"),
    path("basemap/<str:name>.geojson", base_map.layer, name="base_map_layer"),
    path("design/", design.catalogue, name="design"),
    path("drafts/", drafts.drafts, name="drafts"),
]
