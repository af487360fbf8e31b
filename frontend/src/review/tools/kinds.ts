/** The tools of the canvas: key, icon, label, and how each is drawn. */

import { t } from "../../site/language";
import type { Tool } from "../../realtime/marks";

/** box: press and drag · path: click by click · stroke: drag freely · point: one click. */
export type Gesture = "box" | "path" | "stroke" | "point";

export type ToolName = "select" | Tool;

export interface ToolKind {
  name: ToolName;
  key: string;
  label: string;
  hint: string;
  gesture: Gesture | null;
  /** Most points of a path; two for an arrow, which may also be dragged. */
  most?: number;
}

export const TOOLS: readonly ToolKind[] = [
  { name: "select", key: "V", label: t("选择", "Select"), hint: t("选择、移动、修改批注；空白处拖动平移", "Select, move and edit marks; drag on empty space to pan"), gesture: null },
  { name: "cloud", key: "C", label: t("云线", "Cloud"), hint: t("按住拖出云线框", "Drag to draw a revision cloud"), gesture: "box" },
  { name: "arrow", key: "A", label: t("箭头", "Arrow"), hint: t("从说明处拖向所指之处", "Drag towards what you point at"), gesture: "path", most: 2 },
  { name: "text", key: "T", label: t("文字", "Text"), hint: t("在图上点一下，写文字", "Click on the drawing and type"), gesture: "point" },
  { name: "rect", key: "R", label: t("矩形", "Rectangle"), hint: t("按住拖出矩形", "Drag to draw a rectangle"), gesture: "box" },
  { name: "ellipse", key: "E", label: t("椭圆", "Ellipse"), hint: t("按住拖出椭圆", "Drag to draw an ellipse"), gesture: "box" },
  { name: "line", key: "N", label: t("直线", "Line"), hint: t("逐点单击，双击或回车结束", "Click points; double click or Enter to finish"), gesture: "path" },
  { name: "polygon", key: "P", label: t("多边形", "Polygon"), hint: t("逐点单击，双击或回车闭合", "Click points; double click or Enter to close"), gesture: "path" },
  { name: "freehand", key: "F", label: t("手绘", "Freehand"), hint: t("按住随意画", "Press and draw freely"), gesture: "stroke" },
  { name: "count", key: "K", label: t("计数", "Count"), hint: t("逐个单击要数的地方，双击或回车结束", "Click what you count; double click or Enter to finish"), gesture: "path" },
  { name: "stamp", key: "S", label: t("印记", "Stamp"), hint: t("选一个印记，在图上点一下", "Choose a stamp and click on the drawing"), gesture: "point" },
  { name: "measure", key: "M", label: t("测量", "Measure"), hint: t("逐点单击量长度，三点兼量夹角；点回起点量面积", "Click points for a length, three for an angle too; click the first point again for an area"), gesture: "path" },
];

/** Tools shown at once; the rest is behind "more". */
export const MAIN_TOOLS: ReadonlySet<ToolName> = new Set(["select", "cloud", "arrow", "text", "measure"]);

export function toolKind(name: ToolName): ToolKind {
  return TOOLS.find((tool) => tool.name === name) ?? TOOLS[0]!;
}

/** Label of the tool a mark was drawn with; what it is, for lists. */
export function toolLabel(name: unknown): string {
  return TOOLS.find((tool) => tool.name === name)?.label ?? t("批注", "Mark");
}

export const STAMPS: readonly string[] = [
  t("已阅", "Seen"),
  t("需修改", "Revise"),
  t("请说明", "Explain"),
  t("见条文", "See clause"),
  t("符合", "Complies"),
];
