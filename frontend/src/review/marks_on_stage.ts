/** The marks as they lie on the stage: their styles by standing, and the stage's features kept in step with the marks. */

import type OlFeature from "ol/Feature";
import type Style from "ol/style/Style";
import type { InkOf } from "./inks";
import { stylesOf, type MarkView, type Standing } from "./mark_view";
import type { Review } from "./review";
import type { Stage } from "./stage";

/** The style function of the layer of marks. */
export function markStyle(review: Review, inkOf: InkOf): (feature: unknown, resolution: number) => Style[] {
  const standingOf = (view: MarkView): Standing => {
    const holder = review.together.holderOf(view.mark.obj);
    return {
      selected: review.selection.has(view.mark.obj),
      hovered: review.hovered === view.mark.obj,
      held: holder ? inkOf(holder.dept).color : null,
      waiting: review.isWaiting(view),
      opinion: review.catalogue.opinionOfMark(view.mark.obj)?.no ?? null,
      dark: review.drawing.paper === "dark",
    };
  };
  return (feature, resolution) => {
    const view = review.shown.get(String((feature as OlFeature).getId()));
    return view ? stylesOf(view, inkOf(view.mark.dept), standingOf(view), resolution) : [];
  };
}

/** Puts marks on the stage and takes them off as they come and go. */
export function keepInStep(review: Review, stage: Stage): void {
  review.signals.on("marks", () => {
    for (const feature of stage.marks.getFeatures()) {
      const view = review.shown.get(String(feature.getId()));
      if (!view || view.feature !== feature) stage.marks.removeFeature(feature);
    }
    for (const view of review.shown.values()) {
      if (stage.marks.getFeatureById(view.mark.obj) !== view.feature) stage.marks.addFeature(view.feature);
    }
    stage.marks.changed();
  });
  review.signals.on(["selection", "people"], () => stage.marks.changed());
}
