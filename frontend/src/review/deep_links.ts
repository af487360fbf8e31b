/** Addresses that point at one mark, opinion or place of the sheet: `#mark-<id>`, `#opinion-<id>`, `#at-x0,y0,x1,y1`. */

import type { Box } from "../drawing/manifest";
import type { Review } from "./review";
import type { RightSide } from "./right_side";

/** Follows the address as soon as what it names has arrived, and whenever it changes. */
export function followAddress(review: Review, side: RightSide): void {
  const follow = (): boolean => {
    const [, kind, id] = /^#(mark|opinion|at)-(.+)$/.exec(location.hash) ?? [];
    if (!kind || !id) return true;
    if (kind === "at") {
      const box = id.split(",").map(Number);
      if (box.length === 4 && box.every(Number.isFinite)) window.setTimeout(() => side.showPlace(box as Box), 400);
      return true;
    }
    if (kind === "mark" && review.view(id)) {
      review.select([id]);
      side.showMark(id);
      return true;
    }
    const opinion = kind === "opinion" ? review.catalogue.opinions.find((one) => one.id === id) : undefined;
    if (opinion) side.showOpinion(opinion);
    return opinion !== undefined;
  };
  let linked = location.hash === "";
  review.signals.on(["marks", "opinions"], () => {
    linked ||= follow();
  });
  if (location.hash.startsWith("#at-")) linked = follow();
  window.addEventListener("hashchange", follow);
}
