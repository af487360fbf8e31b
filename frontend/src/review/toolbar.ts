/** The tools, floating over the lower edge of the canvas; on phones it scrolls sideways. */

import { t } from "../site/language";
import { button, h } from "./dom";
import { icon, type IconName } from "./icons";
import { iconButton } from "./pieces";
import type { Review } from "./review";
import { MAIN_TOOLS, STAMPS, TOOLS, type ToolKind } from "./tools/kinds";

const WIDTHS = [1, 2, 4, 8];
const OPACITIES = [1, 0.6, 0.3];

export function toolbar(review: Review): HTMLElement {
  const buttons = new Map<string, HTMLButtonElement>();
  const make = (tool: ToolKind): HTMLButtonElement => {
    const made = button([icon(tool.name as IconName, 18), h("span", { class: "tool-label" }, tool.label), h("kbd", { "aria-hidden": "true" }, tool.key)], {
      class: "tool",
      title: `${tool.label} (${tool.key}) · ${tool.hint}`,
      "aria-keyshortcuts": tool.key,
      "data-tool": tool.name,
    }, () => review.setTool(review.tool === tool.name ? "select" : tool.name));
    buttons.set(tool.name, made);
    return made;
  };
  const undo = iconButton("undo", t("撤销（Ctrl+Z）", "Undo (Ctrl+Z)"), () => review.undo(), { class: "tool tool-small" });
  const redo = iconButton("redo", t("重做（Ctrl+Shift+Z）", "Redo (Ctrl+Shift+Z)"), () => review.redo(), { class: "tool tool-small" });
  const snap = iconButton("snap", t("捕捉端点、中点、交点（G）", "Snap to ends, middles, crossings (G)"), () => {
    review.snapping = !review.snapping;
    review.signals.tell("tool");
  }, { class: "tool tool-small" });
  const stamps = h("div", { class: "tool-options", role: "group", "aria-label": t("印记", "Stamps") }, ...STAMPS.map((text) => {
    const chip = button(text, { class: "chip chip-plain", "data-stamp": text }, () => {
      review.stamp = text;
      review.signals.tell("tool");
    });
    return chip;
  }));
  const widths = h("div", { class: "tool-options", role: "group", "aria-label": t("线宽", "Line weight") }, ...WIDTHS.map((width) => {
    const line = h("i", { class: "width-line", "data-width": width });
    return button(line, { class: "chip chip-plain width-chip", "data-width": width, "aria-label": t("线宽 {n}", "Weight {n}", { n: width }), title: t("线宽 {n}", "Weight {n}", { n: width }) }, () => {
      review.width = width;
      restyle(review, { width });
    });
  }));
  const opacities = h("div", { class: "tool-options", role: "group", "aria-label": t("不透明度", "Opacity") }, ...OPACITIES.map((opacity) => {
    const label = t("不透明度 {n}%", "Opacity {n}%", { n: opacity * 100 });
    return button(`${opacity * 100}%`, { class: "chip chip-plain num", "data-opacity": opacity, "aria-label": label, title: label }, () => {
      review.opacity = opacity;
      restyle(review, { opacity });
    });
  }));
  const hint = h("div", { class: "tool-hint", role: "status" });
  const main = TOOLS.filter((tool) => MAIN_TOOLS.has(tool.name)).map(make);
  const rest = TOOLS.filter((tool) => !MAIN_TOOLS.has(tool.name)).map(make);
  const more = h("div", { class: "tool-more" }, ...rest);
  const bar = h("div", { class: "toolbar", role: "toolbar", "aria-label": t("批注工具", "Marking tools") }, ...main, h("i", { class: "tool-gap" }), more, h("i", { class: "tool-gap" }), undo, redo, snap);
  const element = h("div", { class: "toolbar-box" }, hint, h("div", { class: "tool-context" }, stamps, widths, opacities), bar);

  const show = (): void => {
    const why = review.room.link === "connecting" ? null : review.whyNot("create", null);
    for (const [name, made] of buttons) {
      made.setAttribute("aria-pressed", String(review.tool === name));
      const closed = why !== null && name !== "select" && name !== "measure";
      made.classList.toggle("is-off", closed);
      made.setAttribute("aria-disabled", String(closed));
    }
    undo.disabled = !review.history.canUndo;
    redo.disabled = !review.history.canRedo;
    snap.setAttribute("aria-pressed", String(review.snapping));
    stamps.hidden = review.tool !== "stamp";
    const draws = review.tool !== "select" && review.tool !== "text" && review.tool !== "stamp" && review.tool !== "measure";
    widths.hidden = !draws && !review.selected.some((view) => view.tool !== "text" && view.tool !== "stamp" && review.whyNot("edit", view.mark) === null);
    opacities.hidden = widths.hidden;
    for (const chip of opacities.children) chip.setAttribute("aria-pressed", String(Number((chip as HTMLElement).dataset["opacity"]) === review.opacity));
    for (const chip of stamps.children) chip.setAttribute("aria-pressed", String((chip as HTMLElement).dataset["stamp"] === review.stamp));
    for (const chip of widths.children) chip.setAttribute("aria-pressed", String(Number((chip as HTMLElement).dataset["width"]) === review.width));
    const tool = TOOLS.find((one) => one.name === review.tool);
    hint.textContent = review.tool === "select" || !tool ? "" : `${tool.hint} · ${t("Esc 返回选择", "Esc for select")}`;
    hint.hidden = hint.textContent === "";
  };
  review.signals.on(["tool", "status", "marks", "selection"], show);
  show();
  return element;
}

/** Gives the selected marks that this person may change another line, and what is drawn next. */
function restyle(review: Review, change: { width?: number; opacity?: number }): void {
  const steps = review.selected.filter((view) => review.whyNot("edit", view.mark) === null).map((view) => ({ k: "patch" as const, obj: view.mark.obj, p: { style: { ...(view.mark.p["style"] as object | undefined), ...change } } }));
  if (steps.length > 0) review.act(steps);
  review.signals.tell("tool");
}
