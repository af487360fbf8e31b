/** A map on the page: our base map, no tiles, wheel zoom only when the map has the focus so that pages still scroll. */

import OlMap from "ol/Map";
import View from "ol/View";
import ScaleLine from "ol/control/ScaleLine";
import Zoom from "ol/control/Zoom";
import type { Extent } from "ol/extent";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import { t } from "../site/language";
import { sayRefusal } from "../site/toasts";
import { loadBaseMap, type DrawnBaseMap } from "./base_map";

/** A made map and, once loaded, its base. */
export interface MadeMap {
  map: OlMap;
  base: Promise<DrawnBaseMap | null>;
}

/** Put a map into `place`. */
export function makeMap(place: HTMLElement, label: string, baseUrl: string): MadeMap {
  place.classList.add("map-view");
  place.tabIndex = 0;
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", label);
  const map = new OlMap({
    target: place,
    view: new View({ center: [0, 0], zoom: 13, maxZoom: 21, minZoom: 9, enableRotation: false }),
    controls: [
      new Zoom({ zoomInTipLabel: t("放大", "Zoom in"), zoomOutTipLabel: t("缩小", "Zoom out") }),
      new ScaleLine({ minWidth: 80 }),
    ],
    interactions: defaultInteractions({ onFocusOnly: true, altShiftDragRotate: false, pinchRotate: false }),
  });
  const base = loadBaseMap(baseUrl, place)
    .then((drawn) => {
      for (const layer of drawn.layers) map.addLayer(layer);
      return drawn;
    })
    .catch((cause: unknown) => {
      sayRefusal(cause);
      return null;
    });
  return { map, base };
}

/** Show an extent with a margin; never closer than a few hundred metres. */
export function showExtent(map: OlMap, extent: Extent, duration = 0): void {
  map.getView().fit(extent, { padding: [48, 48, 48, 48], maxZoom: 17.5, duration });
}
