/** Shapes of an answer on the map: in groups that can be switched off, one of them chosen, each with its words. */

import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import type Geometry from "ol/geom/Geometry";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import { createEmpty, extend, isEmpty, type Extent } from "ol/extent";
import VectorSource from "ol/source/Vector";
import { make } from "../map/parts";
import { t } from "../site/language";
import { nameOf, ORDER, styleOf, swatch, type Group } from "./looks";

/** One shape as the server writes it; several may share an id: they are chosen together. */
export interface Shape {
  /** One id, or several with blanks between them. */
  id: string;
  group: Group;
  label: string;
  geometry: object;
}

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });

/** On a narrower map the legend begins folded. */
const ROOMY = 560;

/** The layers of shapes on one map, with legend and words at the pointer. */
export class Shapes {
  readonly legend = make("details", "map-legend land-legend");
  private readonly rows = make("div", "legend-rows");
  private readonly note = make("p", "small muted legend-note");
  private readonly layers = new Map<Group, VectorLayer<VectorSource>>();
  private readonly hidden = new Set<Group>();
  private readonly tip = make("div", "map-tip");
  private chosen = "";

  constructor(
    private readonly map: OlMap,
    private readonly picked: (id: string) => void = () => undefined,
    private readonly names: Partial<Record<Group, string>> = {},
  ) {
    ORDER.forEach((group, at) => {
      const layer = new VectorLayer({
        source: new VectorSource<Feature<Geometry>>(),
        style: (feature) => styleOf(group, this.isChosen(feature)),
        zIndex: 10 + at,
        properties: { group },
      });
      this.layers.set(group, layer);
      map.addLayer(layer);
    });
    const place = map.getTargetElement() as HTMLElement;
    this.tip.hidden = true;
    this.tip.setAttribute("aria-hidden", "true");
    this.note.hidden = true;
    this.legend.append(make("summary", "", t("图例", "Legend")), this.rows, this.note);
    this.legend.open = place.clientWidth >= ROOMY;
    place.append(this.tip, this.legend);
    map.on("pointermove", (event) => {
      if (!event.dragging) this.say(event.pixel);
    });
    place.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.drawLegend();
  }

  /** The sources of one group, for snapping. */
  source(group: Group): VectorSource {
    return this.layers.get(group)!.getSource()!;
  }

  /** Show these shapes in place of all earlier ones of the given groups. */
  take(shapes: Shape[], groups: readonly Group[] = ORDER): void {
    for (const group of groups) this.layers.get(group)!.getSource()!.clear();
    for (const shape of shapes) {
      const geometry = FORMAT.readGeometry(shape.geometry);
      if (!geometry) continue;
      const feature = new Feature(geometry);
      feature.setProperties({ id: shape.id, label: shape.label });
      this.layers.get(shape.group)?.getSource()!.addFeature(feature);
    }
    this.drawLegend();
  }

  /** What the reader should know of the shapes; empty to say nothing. */
  tell(words: string): void {
    this.note.textContent = words;
    this.note.hidden = words === "";
    this.drawLegend();
  }

  /** Make one stand out and bring it into view. */
  choose(id: string, look = true): void {
    this.chosen = id;
    // What an answer found is small beside the whole assessment that it lies in: look at that first.
    const found = createEmpty();
    const whole = createEmpty();
    for (const [group, layer] of this.layers) {
      for (const feature of layer.getSource()!.getFeatures()) {
        if (!this.isChosen(feature) || !feature.getGeometry()) continue;
        this.hidden.delete(group);
        extend(group === "area" ? whole : found, feature.getGeometry()!.getExtent());
      }
      layer.setVisible(!this.hidden.has(group));
      layer.changed();
    }
    this.drawLegend();
    const extent = isEmpty(found) ? whole : found;
    if (look && !isEmpty(extent))
      this.map.getView().fit(extent, { padding: [72, 72, 72, 72], maxZoom: 17.5, duration: 250 });
  }

  private isChosen(feature: { get(key: string): unknown }): boolean {
    return this.chosen !== "" && String(feature.get("id")).split(" ").includes(this.chosen);
  }

  /** What all shapes of some groups span; null when there are none. */
  extent(groups: readonly Group[] = ORDER): Extent | null {
    const extent = createEmpty();
    for (const group of groups) extend(extent, this.layers.get(group)!.getSource()!.getExtent() ?? extent);
    return isEmpty(extent) ? null : extent;
  }

  /** The id of the topmost shape at a place. */
  at(pixel: number[]): string {
    const feature = this.map.forEachFeatureAtPixel(pixel, (found) => found, { layerFilter: (layer) => layer.get("group") !== undefined });
    return String(feature?.get("id") ?? "");
  }

  /** A click chooses what lies there. */
  pick(pixel: number[]): void {
    const id = this.at(pixel).split(" ")[0];
    if (!id) return;
    this.choose(id, false);
    this.picked(id);
  }

  private say(pixel: number[]): void {
    const labels = new Set<string>();
    this.map.forEachFeatureAtPixel(pixel, (found) => void labels.add(String(found.get("label"))), {
      layerFilter: (layer) => layer.get("group") !== undefined,
    });
    this.tip.hidden = labels.size === 0;
    if (labels.size === 0) return;
    const shown = [...labels].slice(0, 6);
    this.tip.replaceChildren(...shown.map((label) => make("div", "", label)));
    if (labels.size > shown.length) this.tip.append(make("div", "", t("另有 {n} 项", "{n} more", { n: labels.size - shown.length })));
    const [x, y] = [pixel[0] ?? 0, pixel[1] ?? 0];
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    this.tip.style.left = `${Math.min(x + 14, Math.max(0, width - 260))}px`;
    this.tip.style.top = `${Math.min(y + 14, Math.max(0, height - 24 * this.tip.childElementCount - 16))}px`;
  }

  private drawLegend(): void {
    const rows = [...ORDER].reverse().flatMap((group) => {
      const layer = this.layers.get(group)!;
      if (layer.getSource()!.isEmpty()) return [];
      const row = make("label", "legend-row");
      const box = make("input", "", "", { type: "checkbox" });
      box.dataset["noDraft"] = "";
      box.checked = !this.hidden.has(group);
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(group);
        else this.hidden.add(group);
        layer.setVisible(box.checked);
      });
      row.append(box, swatch(group), make("span", "", this.names[group] ?? nameOf(group)));
      return [row];
    });
    this.legend.hidden = rows.length === 0 && this.note.hidden;
    this.rows.replaceChildren(...rows);
  }
}
