/** The colour, ink and badge of each department, looked up once until the directory changes. */

import type { Ink } from "./mark_view";
import type { Review } from "./review";

export type InkOf = (dept: string | null) => Ink;

export function inksOf(review: Review): InkOf {
  const { directory } = review;
  const known = new Map<string, Ink>();
  review.signals.on(["round", "people"], () => known.clear());
  return (dept) => {
    const key = dept ?? "";
    let ink = known.get(key);
    if (!ink) {
      ink = { color: directory.colorOf(dept), ink: directory.inkOf(dept), badge: directory.badgeOf(dept) };
      known.set(key, ink);
    }
    return ink;
  };
}
