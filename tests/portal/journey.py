"""The applicant's and the offices' side of a project over HTTP: what a browser would send."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client

from projects.models import ItemCase, Project
from tests.cast import Cast

RED_LINE = {
    "type": "Polygon",
    "coordinates": [
        [[116.2100, 39.1010], [116.2130, 39.1010], [116.2130, 39.1032], [116.2100, 39.1032], [116.2100, 39.1010]]
    ],
}
BASIC = {
    "name": "云启智造一期厂房",
    "code": "2611-130629-89-01-161804",
    "kind": "01",
    "nature": "new",
    "place": "云川新区创新大道 18 号",
    "contents": "新建厂房一栋，地上三层，建筑面积 11,800 平方米。",
    "planned_start": "2027-03-01",
    "planned_finish": "2028-06-30",
}
FACTS = {
    "investment": "PRIVATE",
    "management": "FILING",
    "use": "INDUSTRY",
    "land": "AUCTION",
    "no_new_land": "no",
    "no_new_floor_area": "no",
    "floor_area_m2": "11800",
    "building_height_m": "18",
    "investment_10k_yuan": "8600",
    "has_building_works": "yes",
    "has_structural_works": "no",
    "has_air_defence_basement": "yes",
    "fire_special_project": "no",
    "security_protection_site": "no",
    "earthwork_m3": "600",
    "annual_energy_tce": "300",
    "annual_power_mwh": "1200",
    "eia_class": "REGISTER",
    **dict.fromkeys(
        [
            "climate_sensitive",
            "seismic_evaluation_required",
            "takes_water_directly",
            "lightning_high_risk",
            "traffic_generator",
            "social_risk_required",
            "in_flood_storage_area",
            "in_river_management_zone",
            "in_geo_hazard_prone_area",
            "in_mineral_area",
            "in_heritage_control_zone",
            "environmental_sensitive_area",
            "occupies_road",
            "touches_green_space",
            "needs_gas",
            "connection_applied_for",
            "green_check_required",
            "local_rule_requires_check",
        ],
        "no",
    ),
}
HANDS = {"NRP": "planning", "HUC": "fire", "CAD": "airdefence"}


@dataclass
class Journey:
    """One project on its way; each step is a request that must succeed."""

    cast: Cast
    prefix: str = ""
    applicant: str = "owner"
    project_id: UUID | None = None
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """This person's browser: signed in once, kept for the whole way."""
        if who not in self.clients:
            self.clients[who] = self.cast.client(who)
        return self.clients[who]

    def post(self, who: str, path: str, form: dict[str, object] | None = None, *, prefix: str = "") -> HttpResponse:
        """Send a form as this person."""
        return self.client(who).post(f"{prefix}{path}", {**(form or {}), "idempotency_key": str(uuid4())})

    def send(self, step: str, form: dict[str, object]) -> HttpResponse:
        """A page of the wizard as the applicant."""
        path = "/projects/new/" if step == "new" else f"/projects/{self.project_id}/{step}/"
        answer = self.post(self.applicant, path, form, prefix=self.prefix)
        assert answer.status_code == 302, (step, answer.status_code, answer.content.decode()[:4000])
        return answer

    def file(self, name: str = BASIC["name"], code: str = BASIC["code"]) -> UUID:
        """From nothing to filed."""
        answer = self.send("new", {**BASIC, "name": name, "code": code})
        self.project_id = UUID(answer["Location"].split("/projects/")[1].split("/")[0])
        self.send("facts", FACTS)
        self.send("site", {"boundary": json.dumps(RED_LINE)})
        self.send("materials", {"ready": self.wanted()})
        self.send("filing", {})
        return self.project_id

    def wanted(self) -> list[str]:
        """Every paper the page asks for."""
        page = self.client(self.applicant).get(f"{self.prefix}/projects/{self.project_id}/materials/")
        return [paper.code for paper in page.context["papers"] if not paper.known_from]

    def accept(self) -> Project:
        """The window accepts."""
        answer = self.post("window", f"/projects/{self.project_id}/intake/accept/")
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return Project.objects.get(pk=self.project_id)

    def decide_everything_open(self, *, stages: set[str], but: frozenset[str] = frozenset()) -> int:
        """Departments decide and the enterprise reports until nothing by hand is open in these stages; counts acts."""
        acts = 0
        for _round in range(60):
            items = ItemCase.objects.filter(
                project_id=self.project_id,
                stage__in=stages,
                ready_at__isnull=False,
                decided_at__isnull=True,
                decided_by="HAND",
                held_by="",
            ).exclude(code__in=but)
            if not items:
                return acts
            for item in items:
                acts += self.work_on(item)
        raise AssertionError(f"items stay open: {[item.code for item in items]}")

    def work_on(self, item: ItemCase) -> int:
        """One act on one item by whoever's turn it is."""
        if item.is_by_applicant:
            answer = self.post(self.applicant, f"/items/{item.pk}/report/", prefix=self.prefix)
        else:
            hand = HANDS.get(item.department_code, "bureau")
            who = f"{hand}2" if "pos_approve" in item.posts_now else hand
            answer = self.post(who, f"/items/{item.pk}/take/", {"remark": "符合要求"})
        assert answer.status_code == 302, (item.code, answer.status_code, answer.content.decode()[:3000])
        return 1
