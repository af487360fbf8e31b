"""Addresses of the projects room."""

from django.urls import path

from projects.views import days, exchange, intake, items, lists, rehearsal, wizard

app_name = "projects"
urlpatterns = [
    path("projects/", lists.project_list, name="list"),
    path("rehearsal/", rehearsal.rehearsal, name="rehearsal"),
    path("projects/new/", wizard.new, name="new"),
    path("projects/<uuid:project_id>/edit/", wizard.edit, name="edit"),
    path("projects/<uuid:project_id>/facts/", wizard.facts, name="facts"),
    path("projects/<uuid:project_id>/facts/effect/", wizard.effect, name="effect"),
    path("projects/<uuid:project_id>/site/", wizard.site, name="site"),
    path("projects/<uuid:project_id>/materials/", wizard.materials, name="materials"),
    path("projects/<uuid:project_id>/filing/", wizard.filing, name="filing"),
    path("projects/<uuid:project_id>/intake/", intake.intake, name="intake"),
    path("projects/<uuid:project_id>/intake/check/", intake.check, name="check"),
    path("projects/<uuid:project_id>/intake/accept/", intake.accept, name="accept"),
    path("projects/<uuid:project_id>/intake/correct/", intake.correct, name="correct"),
    path("projects/<uuid:project_id>/intake/reject/", intake.reject, name="reject"),
    path("items/<uuid:item_id>/", items.item, name="item"),
    path("items/<uuid:item_id>/take/", items.take, name="take"),
    path("items/<uuid:item_id>/deny/", items.deny, name="deny"),
    path("items/<uuid:item_id>/report/", items.report, name="report"),
    path("items/take/", items.take_many, name="take_many"),
    path("items/<uuid:item_id>/need/", items.settle, name="settle"),
    path("items/<uuid:item_id>/pause/", items.pause, name="pause"),
    path("items/<uuid:item_id>/resume/", items.resume, name="resume"),
    path("projects/<uuid:project_id>/exchange.<str:format_>", exchange.export, name="export"),
    path("projects/<uuid:project_id>/days/", days.days, name="days"),
    path("projects/<uuid:project_id>/days/<str:day>/contest/", days.contest, name="contest"),
    path("contests/<uuid:contest_id>/answer/", days.answer, name="answer_contest"),
]
