/** The line under the canvas: what the drawing does not show, what lies under the cursor, scale bar, zoom. */

import { number, t } from "../site/language";
import type { Point } from "../drawing/manifest";
import type { EntityFound } from "../drawing/sheet_drawing";
import { fill, h } from "./dom";
import { fidelityLine, preparationLine } from "./panels/fidelity";
import { kindWord } from "./kind_words";
import { iconButton } from "./pieces";
import type { Review } from "./review";
import { areaText, barFor, lengthText } from "./scale";
import type { Stage } from "./stage";

const REST_MS = 90;
const BAR_PX = 110;
/** A phone has less room; the bar is made for a shorter length, never squeezed. */
const NARROW_BAR_PX = 40;
const NARROW = matchMedia("(width <= 860px)");

export function statusbar(review: Review, stage: Stage, aids: readonly HTMLElement[] = []): { element: HTMLElement; pointed(at: Point | null): void } {
  const where = h("span", { class: "status-where num" });
  const what = h("span", { class: "status-what" });
  const load = h("progress", { class: "status-load", max: 1, hidden: true });
  const bar = h("span", { class: "scale-bar" });
  const barText = h("span", { class: "scale-text num" });
  const scaleNote = review.scale === null ? h("span", { class: "status-unitless", title: t("图纸没有标明单位，长度按图形单位显示。请在上传处补充单位。", "The drawing names no unit; lengths are in drawing units. Ask the uploader for the unit.") }, t("无单位", "unitless")) : null;
  const element = h(
    "footer",
    { class: "statusbar" },
    preparationLine(review),
    fidelityLine(review),
    load,
    what,
    where,
    scaleNote,
    h("span", { class: "scale", "aria-label": t("比例尺", "Scale bar") }, bar, barText),
    h(
      "span",
      { class: "zoom-buttons" },
      iconButton("minus", t("缩小（-）", "Zoom out (-)"), () => stage.zoomBy(1.6), { class: "btn btn-quiet btn-icon btn-small" }, 16),
      iconButton("plus", t("放大（+）", "Zoom in (+)"), () => stage.zoomBy(1 / 1.6), { class: "btn btn-quiet btn-icon btn-small" }, 16),
      iconButton("fit", t("全图（0）", "Whole sheet (0)"), () => stage.fit(review.drawing.manifest.fit), { class: "btn btn-quiet btn-icon btn-small" }, 16),
      iconButton("rotate", t("旋转 90°（Shift+R）", "Turn by 90° (Shift+R)"), () => stage.turnBy(Math.PI / 2), { class: "btn btn-quiet btn-icon btn-small zoom-rotate" }, 16),
      ...aids,
    ),
  );

  let timer = 0;
  let asked = 0;
  const show = (found: EntityFound | null): void => {
    if (!found) {
      fill(what);
      return;
    }
    const parts = [kindWord(found.type) || found.type, found.layer ? t("图层 {name}", "layer {name}", { name: found.layer }) : "", found.text ? `“${found.text.slice(0, 40)}”` : ""];
    if (found.length !== null) parts.push(t("长 {n}", "length {n}", { n: lengthText(found.length, review.scale) }));
    if (found.area !== null) parts.push(t("面积 {n}", "area {n}", { n: areaText(found.area, review.scale) }));
    if (found.proxy) parts.push(t("代理图形（天正等）", "proxy graphics"));
    if (found.handle) parts.push(t("句柄 {h}", "handle {h}", { h: found.handle }));
    fill(what, parts.filter((part) => part !== "").join(" · "));
  };

  const showScale = (): void => {
    const { pixels, text } = barFor(stage.resolution, review.scale, NARROW.matches ? NARROW_BAR_PX : BAR_PX);
    bar.style.width = `${pixels}px`;
    barText.textContent = text;
  };
  stage.view.on(["change:resolution", "change:rotation"] as never, showScale);
  NARROW.addEventListener("change", showScale);
  const showLoad = (): void => {
    const wanted = review.drawing.manifest.chunks.length;
    const here = review.drawing.chunks.size + review.drawing.failed.size;
    load.hidden = stage.layer.complete || wanted === 0;
    load.value = wanted === 0 ? 1 : here / wanted;
  };
  review.signals.on("drawing", showLoad);
  showScale();
  return {
    element,
    pointed(at) {
      where.textContent = at ? `${number(at[0], 1)}, ${number(at[1], 1)}` : "";
      window.clearTimeout(timer);
      if (!at) {
        show(null);
        return;
      }
      const turn = ++asked;
      timer = window.setTimeout(() => {
        void review.drawing.entityAt(at[0], at[1], 6 * stage.resolution).then((found) => {
          if (turn === asked) show(found);
        });
      }, REST_MS);
    },
  };
}
