/** A short glow round a place that somebody else has just changed, or that a search has found. */

import OlFeature from "ol/Feature";
import { unByKey } from "ol/Observable";
import type OlGeometry from "ol/geom/Geometry";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { InkOf } from "./inks";
import type { Review } from "./review";
import { quick, type Stage } from "./stage";

const FLASH_MS = 1_100;

/** The style function of the layer of glows: wider and fainter with age. */
export function flashStyle(feature: OlFeature<OlGeometry>): Style[] {
  const age = (Date.now() - Number(feature.get("since"))) / FLASH_MS;
  const share = Math.max(0, 0.55 * (1 - age));
  const color = String(feature.get("color"));
  const alpha = Math.round(share * 255).toString(16).padStart(2, "0");
  return [new Style({ stroke: new Stroke({ color: `${color}${alpha}`, width: 6 + 22 * Math.min(1, age), lineCap: "round", lineJoin: "round" }), fill: new Fill({ color: `${color}00` }) })];
}

/** Lets `geometry` glow once. */
export function flash(stage: Stage, geometry: OlGeometry, color: string): void {
  const feature = new OlFeature({ geometry, since: Date.now(), color });
  stage.flash.addFeature(feature);
  const listener = stage.map.on("postrender", () => stage.map.render());
  stage.map.render();
  setTimeout(() => {
    stage.flash.removeFeature(feature);
    unByKey(listener);
  }, FLASH_MS);
}

/** Lets what others change glow in their department's colour. */
export function flashForeignEdits(review: Review, stage: Stage, inkOf: InkOf): void {
  review.onForeignEdit = (view) => {
    if (document.hidden || quick(1) === 0) return;
    flash(stage, view.feature.getGeometry()!.clone(), inkOf(view.mark.dept).color);
  };
}
