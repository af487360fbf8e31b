/** On paper: the map in the size of the sheet, everything of the answer in view; afterwards as it was. */

import type OlMap from "ol/Map";
import type { Extent } from "ol/extent";

/** A4 without its margins, in CSS pixels, and a height that leaves room for the list. */
const WIDTH = 680;
const HEIGHT = 400;

/** Fit the map to `extent()` while the page is printed. */
export function fitToPaper(map: OlMap, extent: () => Extent | null): void {
  const place = map.getTargetElement() as HTMLElement;
  let before: { center: number[] | undefined; resolution: number | undefined } | null = null;
  window.addEventListener("beforeprint", () => {
    const view = map.getView();
    before = { center: view.getCenter(), resolution: view.getResolution() };
    place.style.width = `${WIDTH}px`;
    place.style.height = `${HEIGHT}px`;
    map.updateSize();
    const whole = extent();
    if (whole) view.fit(whole, { padding: [32, 32, 32, 32], maxZoom: 18 });
    map.renderSync();
  });
  window.addEventListener("afterprint", () => {
    place.style.width = "";
    place.style.height = "";
    map.updateSize();
    if (!before) return;
    map.getView().setCenter(before.center);
    map.getView().setResolution(before.resolution);
    before = null;
  });
}
