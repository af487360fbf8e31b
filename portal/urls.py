"""Addresses of the joined pages."""

from django.urls import path

from portal.views import base_map, design, desks, drafts, homes, projects

app_name = "portal"
urlpatterns = [
    path("", homes.home, name="home"),
    path("desk/", desks.desk, name="desk"),
    path("queue/", desks.queue, name="queue"),
    path("status/", projects.public_status, name="public_status"),
    path("projects/<uuid:project_id>/", projects.project, name="project"),
    path("basemap/", base_map.index, name="base_map"),
    path("basemap/<str:name>.geojson", base_map.layer, name="base_map_layer"),
    path("design/", design.catalogue, name="design"),
    path("drafts/", drafts.drafts, name="drafts"),
]
