/** `<div data-map="show" data-source="script id">`: the site boundary to look at, with its area. */

import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { t } from "../site/language";
import { readGeoJson, type Boundary } from "./boundary";
import { redLineStyle, toFeatures } from "./boundary_layer";
import { zoneOf } from "./ellipsoid";
import { make } from "./parts";
import { describeArea } from "./redline";
import { makeMap, showExtent } from "./view";

/** Build the map inside `root`. */
export function showSite(root: HTMLElement): void {
  const zone = zoneOf(Number(root.dataset["epsg"])) ?? zoneOf(4548)!;
  const written = document.getElementById(root.dataset["source"] ?? "")?.textContent ?? "";
  const boundary: Boundary = written.trim() && written.trim() !== "null" ? readGeoJson(written, zone).boundary : [];
  const panel = make("div", "map-panel map-panel-show");
  const place = make("div");
  const foot = make("div", "map-foot");
  const area = describeArea(boundary, zone);
  if (area) foot.append(make("strong", "", area.main), make("span", "muted", area.detail));
  else foot.append(make("span", "muted", t("还没有红线。", "No site boundary yet.")));
  panel.append(make("span"), place, foot);
  root.replaceChildren(panel);
  const { map, base } = makeMap(place, t("用地红线位置图", "Map of the site"), root.dataset["base"] ?? "/basemap/");
  const source = new VectorSource({ features: toFeatures(boundary) });
  map.addLayer(new VectorLayer({ source, style: redLineStyle(false), zIndex: 40 }));
  const extent = source.getExtent();
  if (area && extent) showExtent(map, extent);
  void base.then((drawn) => {
    if (drawn && !area) showExtent(map, drawn.extent);
  });
}
