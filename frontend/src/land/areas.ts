/**
 * The land of the published assessments under the pre-check (已发布的区域评估): all of it where there is little, else what the
 * map shows, asked for again whenever it has come to rest.
 */

import type OlMap from "ol/Map";
import { transformExtent } from "ol/proj";
import { t } from "../site/language";
import { ask } from "../site/requests";
import { sayRefusal } from "../site/toasts";
import type { Shape, Shapes } from "./shapes";

interface Areas {
  shapes: Shape[];
  total: number;
  by_view: boolean;
}

const GROUPS = ["area"] as const;
const DIGITS = 5;

/** Show them, and keep showing those that belong to the view. */
export async function showAreas(from: string, shapes: Shapes, map: OlMap): Promise<void> {
  if (!from) return;
  const all = await areasAt(from);
  if (!all) return;
  if (!all.by_view) {
    shapes.take(all.shapes, GROUPS);
    return;
  }
  const follow = async (): Promise<void> => {
    const view = viewOf(map);
    const found = view && (await areasAt(`${from}?view=${view}`));
    // The map moved on while the answer was under way: the next one counts.
    if (!found || view !== viewOf(map)) return;
    shapes.take(found.shapes, GROUPS);
    shapes.tell(howMany(found));
  };
  map.on("moveend", () => void follow());
  await follow();
}

async function areasAt(address: string): Promise<Areas | null> {
  try {
    return await ask<Areas>(address);
  } catch (cause) {
    sayRefusal(cause);
    return null;
  }
}

/** West, south, east, north of what the map shows; nothing before it has a size. */
function viewOf(map: OlMap): string {
  const size = map.getSize();
  if (!size || size[0] === 0 || size[1] === 0) return "";
  const [west = 0, south = 0, east = 0, north = 0] = transformExtent(map.getView().calculateExtent(size), "EPSG:3857", "EPSG:4326");
  const inside = [Math.max(west, -180), Math.max(south, -89), Math.min(east, 180), Math.min(north, 89)];
  return inside.map((degree) => degree.toFixed(DIGITS)).join(",");
}

function howMany(found: Areas): string {
  const shown = found.shapes.length;
  if (found.total === 0) return t("这个范围没有已发布的区域评估。", "No published assessment in this view.");
  return found.total > shown
    ? t("这个范围有 {total} 处区域评估，显示最大的 {shown} 处；放大可看全部。", "{total} assessed areas in this view; the largest {shown} are shown. Zoom in to see all.", {
        total: found.total,
        shown,
      })
    : t("显示这个范围的全部 {total} 处区域评估；移动地图会更新。", "All {total} assessed areas in this view are shown; they follow the map.", { total: found.total });
}
