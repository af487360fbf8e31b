/** Left panel, lower half: layers of the drawing, with search and states. */

import { number, t } from "../../site/language";
import type { LayerState } from "../../drawing/sheet_drawing";
import { button, h } from "../dom";
import { icon } from "../icons";
import { empty, iconButton } from "../pieces";
import type { Review } from "../review";
import { layerStatesPart } from "./layer_states";

export function layersPanel(review: Review): { element: HTMLElement; search: HTMLInputElement } {
  const { drawing } = review;
  const search = h("input", { type: "search", placeholder: t("查找图层", "Find a layer"), "aria-label": t("查找图层", "Find a layer"), autocomplete: "off" });
  const list = h("ul", { class: "layer-list plain-list" });
  const count = h("span", { class: "muted small" });
  const all = button(t("全开", "All on"), { class: "btn btn-quiet btn-small" }, () => drawing.setLayers((layer) => (matching(layer) ? true : layer.shown)));
  const none = button(t("全关", "All off"), { class: "btn btn-quiet btn-small" }, () => drawing.setLayers((layer) => (matching(layer) ? false : layer.shown)));
  const reset = button(t("还原", "As drawn"), { class: "btn btn-quiet btn-small", title: t("恢复图纸自带的图层状态", "Back to the drawing's own layer states") }, () => drawing.setLayers((layer) => layer.on && !layer.frozen));
  const element = h(
    "section",
    { class: "panel-part panel-layers", "aria-label": t("图层", "Layers") },
    h("div", { class: "panel-head" }, h("h2", {}, t("图层", "Layers")), count),
    h("div", { class: "panel-tools" }, h("div", { class: "search-field" }, icon("search"), search), h("div", { class: "row layer-acts" }, all, none, reset), layerStatesPart(review)),
    list,
  );
  const matching = (layer: LayerState): boolean => layer.name.toLocaleLowerCase().includes(search.value.trim().toLocaleLowerCase());

  const rows = new Map<number, { row: HTMLElement; box: HTMLInputElement }>();
  const build = (): void => {
    const used = drawing.layers.filter((layer) => layer.entities > 0);
    if (used.length === 0) {
      list.replaceWith(empty("layers", t("没有图层", "No layers"), t("PDF 页面没有图层可开关。", "A PDF page has no layers to switch.")));
      search.parentElement!.parentElement!.remove();
      return;
    }
    used.sort((a, b) => a.name.localeCompare(b.name, "zh-CN", { numeric: true }));
    for (const layer of used) {
      const box = h("input", { type: "checkbox", class: "visually-hidden" });
      box.addEventListener("change", () => drawing.setLayer(layer.id, box.checked));
      const swatch = h("i", { class: `layer-swatch${layer.adaptive ? " is-adaptive" : ""}` });
      swatch.style.setProperty("--layer", layer.color);
      const only = iconButton("circleDot", t("只看这一层", "Only this layer"), (event) => {
        event.preventDefault();
        const alone = drawing.layers.every((other) => other.shown === (other.id === layer.id));
        drawing.setLayers(alone ? (other) => other.on && !other.frozen : (other) => other.id === layer.id);
      }, { class: "btn btn-quiet btn-icon btn-small layer-only" }, 14);
      const row = h(
        "li",
        { "data-key": layer.id },
        h(
          "label",
          { class: "layer-row", title: layer.name },
          box,
          h("span", { class: "layer-eye" }, icon("eye"), icon("eyeOff")),
          swatch,
          h("span", { class: "layer-name" }, layer.name),
          layer.frozen ? h("span", { class: "badge", title: t("图纸中冻结，初始不显示", "Frozen in the drawing; hidden at first") }, t("冻结", "frozen")) : !layer.on ? h("span", { class: "badge", title: t("图纸中关闭，初始不显示", "Off in the drawing; hidden at first") }, t("关闭", "off")) : null,
          h("span", { class: "layer-count num" }, number(layer.entities)),
        ),
        only,
      );
      rows.set(layer.id, { row, box });
      list.append(row);
    }
  };

  const show = (): void => {
    let shown = 0;
    for (const layer of drawing.layers) {
      const entry = rows.get(layer.id);
      if (!entry) continue;
      entry.box.checked = layer.shown;
      entry.row.hidden = !matching(layer);
      if (layer.shown) shown += 1;
    }
    count.textContent = rows.size > 0 ? t("{shown} / {all} 显示", "{shown} of {all} shown", { shown, all: rows.size }) : "";
    reset.disabled = !drawing.layersChanged;
  };
  search.addEventListener("input", show);
  review.signals.on("drawing", show);
  build();
  show();
  return { element, search };
}
