/** A small read-only window for browser tests: `window.__review`. Nothing of the page depends on it. */

import type { Box, Point } from "../drawing/manifest";
import type { Review } from "./review";
import type { Stage } from "./stage";

export interface ReviewHook {
  readonly seq: number;
  readonly head: number;
  readonly pending: number;
  readonly connected: boolean;
  readonly link: string;
  readonly conn: string | null;
  readonly state: string;
  readonly can: string[];
  /** Entities, texts and fonts are loaded; chunks follow by view. */
  readonly ready: boolean;
  /** Everything that meets the screen has been drawn. */
  readonly complete: boolean;
  readonly frameMs: number;
  readonly accelerated: boolean;
  readonly failed: string[];
  readonly marks: Record<string, unknown>[];
  readonly people: { conn: string; name: string; dept: string | null; at: Point | null; edit: string | null }[];
  readonly following: string | null;
  readonly selection: string[];
  readonly tool: string;
  readonly drafts: number;
  readonly bbox: Box;
  readonly fit: Box;
  readonly visible: Box;
  /** Sheet coordinate to page pixels. */
  toPixel(at: Point): Point | null;
  toSheet(pixel: Point): Point;
}

declare global {
  interface Window {
    __review?: ReviewHook;
  }
}

export function expose(review: Review, stage: Stage, visible: () => Box): void {
  const { room, drawing } = review;
  const corner = (): Point => {
    const box = stage.viewport.getBoundingClientRect();
    return [box.left, box.top];
  };
  const hook: ReviewHook = {
    get seq() {
      return room.log.last;
    },
    get head() {
      return room.head;
    },
    get pending() {
      return room.unsaved;
    },
    get connected() {
      return room.link === "live";
    },
    get link() {
      return room.link;
    },
    get conn() {
      return room.conn;
    },
    get state() {
      return room.log.state;
    },
    get can() {
      return [...(room.can ?? [])];
    },
    get ready() {
      return drawing.ready;
    },
    get complete() {
      return stage.layer.complete;
    },
    get frameMs() {
      return stage.layer.lastCost;
    },
    get accelerated() {
      return stage.layer.accelerated;
    },
    get failed() {
      return [...drawing.failed.keys()];
    },
    get marks() {
      return review.marks.map((mark) => ({
        obj: mark.obj,
        tool: mark.p["tool"],
        text: mark.p["text"] ?? "",
        geom: mark.p["geom"],
        dept: mark.dept,
        by: mark.by,
        ver: mark.ver,
        deleted: mark.deleted,
        resolved: mark.resolved,
        cited: mark.cited,
        replies: mark.thread.map((reply) => reply.text),
        unsaved: mark.unsaved,
        shown: review.shown.has(mark.obj),
      }));
    },
    get people() {
      return [...review.together.people.values()].map(({ conn, name, dept, at, edit }) => ({ conn, name, dept, at, edit }));
    },
    get following() {
      return review.together.following;
    },
    get selection() {
      return [...review.selection];
    },
    get tool() {
      return review.tool;
    },
    get drafts() {
      return review.drafts.length;
    },
    get bbox() {
      return drawing.manifest.bbox;
    },
    get fit() {
      return drawing.manifest.fit;
    },
    get visible() {
      return visible();
    },
    toPixel(at) {
      const pixel = stage.pixelOf(at);
      const [x, y] = corner();
      return pixel ? [pixel[0] + x, pixel[1] + y] : null;
    },
    toSheet: ([x, y]) => stage.coordinateAt(x, y),
  };
  Object.defineProperty(window, "__review", { value: Object.freeze(hook), configurable: true });
}
