/** How land is drawn: each group has its own colour, hatch and outline, so that colour is never the only sign. */

import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { t } from "../site/language";

/** What a shape on the map stands for. */
export type Group = "site" | "area" | "cutout" | "remainder" | "BLOCKING" | "MAJOR" | "MINOR" | "WARNING" | "INFO" | "repaired";

type Hatch = "none" | "lines" | "back" | "cross" | "dots";

interface Look {
  colour: string;
  hatch: Hatch;
  width: number;
  dash?: number[];
  wash: number;
}

const LOOKS: Record<Group, Look> = {
  site: { colour: "#c8161d", hatch: "none", width: 2.5, wash: 0.03 },
  area: { colour: "#1a7f4b", hatch: "none", width: 2, dash: [10, 4], wash: 0.02 },
  cutout: { colour: "#5d6b79", hatch: "back", width: 1.5, dash: [3, 3], wash: 0.06 },
  remainder: { colour: "#b26a00", hatch: "back", width: 2, dash: [6, 4], wash: 0.14 },
  BLOCKING: { colour: "#c8161d", hatch: "cross", width: 2.5, wash: 0.22 },
  MAJOR: { colour: "#d35400", hatch: "lines", width: 2, wash: 0.16 },
  MINOR: { colour: "#8a6d00", hatch: "dots", width: 2, wash: 0.14 },
  WARNING: { colour: "#1f5fbf", hatch: "none", width: 2, dash: [8, 3, 2, 3], wash: 0 },
  INFO: { colour: "#4a5968", hatch: "none", width: 1.5, dash: [2, 4], wash: 0 },
  repaired: { colour: "#b26a00", hatch: "lines", width: 2.5, wash: 0.2 },
};

/** Groups from below to above on the map, as the legend lists them from the bottom. */
export const ORDER = ["site", "area", "cutout", "INFO", "WARNING", "remainder", "MINOR", "MAJOR", "BLOCKING", "repaired"] as const;

/** The group's name in the legend. */
export function nameOf(group: Group): string {
  return {
    site: t("用地红线", "Red line of the site"),
    area: t("已发布的区域评估", "Published regional assessment"),
    cutout: t("剔除区（不可复用）", "Cut out (not reusable)"),
    remainder: t("需补充评估的范围", "Still to be assessed"),
    BLOCKING: t("红：否决性冲突", "Red: blocking conflict"),
    MAJOR: t("橙：需协调的冲突", "Orange: needs coordination"),
    MINOR: t("黄：设计阶段修改", "Yellow: mend in design"),
    WARNING: t("蓝：提示", "Blue: warning"),
    INFO: t("灰：信息", "Grey: information"),
    repaired: t("修复过的图形", "Repaired shape"),
  }[group];
}

const CELL = 9;

function tint(colour: string, share: number): string {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${r} ${g} ${b} / ${Math.round(share * 100)}%)`;
}

/** The hatch as a repeating fill over a light wash. */
function fillOf(look: Look): string | CanvasPattern {
  const wash = tint(look.colour, look.wash);
  if (look.hatch === "none") return wash;
  const cell = document.createElement("canvas");
  cell.width = CELL;
  cell.height = CELL;
  const pen = cell.getContext("2d");
  if (!pen) return wash;
  pen.fillStyle = wash;
  pen.fillRect(0, 0, CELL, CELL);
  pen.strokeStyle = pen.fillStyle = tint(look.colour, 0.75);
  pen.lineWidth = 1.1;
  pen.beginPath();
  // Each line also runs through the neighbouring cells' corners, so that the hatch has no gaps.
  for (const shift of [-CELL, 0, CELL]) {
    if (look.hatch === "lines" || look.hatch === "cross") {
      pen.moveTo(shift, CELL);
      pen.lineTo(shift + CELL, 0);
    }
    if (look.hatch === "back" || look.hatch === "cross") {
      pen.moveTo(shift, 0);
      pen.lineTo(shift + CELL, CELL);
    }
  }
  pen.stroke();
  if (look.hatch === "dots") {
    pen.arc(CELL / 2, CELL / 2, 1.3, 0, Math.PI * 2);
    pen.fill();
  }
  return pen.createPattern(cell, "repeat") ?? wash;
}

const kept = new Map<string, Style[]>();

/** The styles of a group; `chosen` stands out. */
export function styleOf(group: Group, chosen = false): Style[] {
  const key = `${group}${chosen ? "!" : ""}`;
  let styles = kept.get(key);
  if (!styles) {
    const look = LOOKS[group];
    const stroke = { color: look.colour, width: look.width + (chosen ? 2 : 0), ...(look.dash && !chosen ? { lineDash: look.dash } : {}) };
    styles = [
      ...(chosen ? [new Style({ stroke: new Stroke({ color: "rgb(255 255 255 / 90%)", width: look.width + 7 }) })] : []),
      // Assessments and hints lie over each other: they are outlines, and only the chosen one is washed.
      new Style({ fill: new Fill({ color: chosen && look.hatch === "none" ? tint(look.colour, 0.16) : fillOf(look) }), stroke: new Stroke(stroke) }),
    ];
    kept.set(key, styles);
  }
  return styles;
}

/** A small picture of the group for the legend, drawn as on the map. */
export function swatch(group: Group): HTMLCanvasElement {
  const look = LOOKS[group];
  const canvas = document.createElement("canvas");
  canvas.width = 30;
  canvas.height = 18;
  canvas.className = "legend-swatch";
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  if (pen) {
    pen.fillStyle = "#f4f2ec";
    pen.fillRect(0, 0, 30, 18);
    pen.fillStyle = fillOf(look);
    pen.strokeStyle = look.colour;
    pen.lineWidth = Math.min(2, look.width);
    pen.setLineDash(look.dash ?? []);
    pen.fillRect(1, 1, 28, 16);
    pen.strokeRect(1, 1, 28, 16);
  }
  return canvas;
}
