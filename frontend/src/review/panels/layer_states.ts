/** Left panel: named layer states; save what is shown, apply, remove. */

import { number, t } from "../../site/language";
import { toast } from "../../site/toasts";
import { button, fill, h } from "../dom";
import { isApplied, LayerStates, shownUnder, type NamedState } from "../layer_states";
import { badge, iconButton } from "../pieces";
import type { Review } from "../review";

const LONGEST = 60;

export function layerStatesPart(review: Review): HTMLElement {
  const { drawing } = review;
  const states = new LayerStates(document.body.dataset["person"] ?? "", review.sheet.set.id, drawing.manifest.layer_states ?? []);
  const name = h("input", { type: "text", maxlength: LONGEST, placeholder: t("为当前显示的图层起名", "Name for what is shown now"), "aria-label": t("图层状态的名称", "Name of the layer state"), autocomplete: "off" });
  const count = h("span", { class: "muted small num" });
  const note = h("p", { class: "muted small", role: "status" });
  const list = h("ul", { class: "plain-list layer-state-list" });

  const row = (state: NamedState): HTMLElement => {
    const apply = button(h("span", { class: "layer-name" }, state.name), { class: "btn btn-quiet btn-small layer-state", "aria-pressed": String(isApplied(state, drawing.layers)), title: t("只显示「{name}」的图层", "Show the layers of “{name}”", { name: state.name }) }, () => drawing.setLayers(shownUnder(state)));
    const end = state.byAuthor
      ? badge(t("图纸自带", "in the drawing"))
      : iconButton("trash", t("删除「{name}」", "Remove “{name}”", { name: state.name }), () => {
          states.remove(state.name);
          toast(t("已删除图层状态「{name}」", "Layer state “{name}” was removed", { name: state.name }), "blue", {
            undo: () => {
              states.restore(state);
              show();
            },
          });
          show();
        }, { class: "btn btn-quiet btn-icon btn-small" }, 14);
    return h("li", {}, apply, end);
  };
  const show = (): void => {
    const known = states.list();
    count.textContent = known.length > 0 ? number(known.length) : "";
    fill(list, ...known.map(row));
  };
  const form = h("form", { class: "row layer-state-form" }, name, h("button", { type: "submit", class: "btn btn-small" }, t("保存", "Save")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = name.value.trim();
    if (given === "") {
      name.focus();
      return;
    }
    const kept = states.save(given, drawing.layers);
    fill(note, kept ? t("已保存「{name}」，本图纸集的其他图幅也可用。", "“{name}” is kept, for the other sheets of this set, too.", { name: given }) : t("已满，请先删除一个图层状态。", "There is no more room: remove a layer state first."));
    if (kept) name.value = "";
    show();
  });
  review.signals.on("drawing", () => {
    // Only what is pressed changes with the layers; the list itself keeps the focus.
    const known = states.list();
    list.querySelectorAll(".layer-state").forEach((each, at) => known[at] && each.setAttribute("aria-pressed", String(isApplied(known[at], drawing.layers))));
  });
  show();
  return h("details", { class: "layer-states" }, h("summary", {}, t("图层状态", "Layer states"), " ", count), form, note, list);
}
