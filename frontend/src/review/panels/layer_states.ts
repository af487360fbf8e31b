/** Left panel: named layer states; save what is shown, apply, share, remove. */

import { number, t } from "../../site/language";
import { Refusal } from "../../site/requests";
import { toast } from "../../site/toasts";
import { button, fill, h } from "../dom";
import { isApplied, LayerStates, shownUnder, type NamedState } from "../layer_states";
import { badge, iconButton } from "../pieces";
import type { Review } from "../review";

const LONGEST = 60;

export function layerStatesPart(review: Review): HTMLElement {
  const { drawing } = review;
  const states = new LayerStates(document.body.dataset["person"] ?? "", review.sheet.set.id, drawing.manifest.layer_states ?? []);
  const name = h("input", { type: "text", maxlength: LONGEST, placeholder: t("为当前显示的图层起名", "Name this state"), "aria-label": t("图层状态的名称", "Name of the layer state"), autocomplete: "off" });
  const count = h("span", { class: "muted small num" });
  const note = h("p", { class: "muted small", role: "status" });
  const list = h("ul", { class: "plain-list layer-state-list" });
  const shareText = (state: NamedState): string => {
    if (state.shared) return t("已共享「{name}」，点击改为仅自己可见", "“{name}” is shared; click to keep it to yourself", { name: state.name });
    return review.config.me.dept ? t("与各部门审查人员共享「{name}」", "Share “{name}” with the reviewers of every department", { name: state.name }) : t("与本单位人员共享「{name}」", "Share “{name}” with my organisation", { name: state.name });
  };

  /** Does it and shows the list as it then is; a refusal is said where the person looks. */
  const attempt = async (act: () => Promise<void>, done = ""): Promise<boolean> => {
    let told = done;
    let kept = true;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      [kept, told] = [false, [error.problem.title, error.problem.next_step].filter(Boolean).join(" ")];
    }
    fill(note, told);
    show();
    return kept;
  };

  const own = (state: NamedState): HTMLElement[] => [
    iconButton(state.shared ? "users" : "userPlus", shareText(state), () => void attempt(() => states.restore(state, !state.shared)), { class: "btn btn-quiet btn-icon btn-small", "aria-pressed": String(state.shared) }, 14),
    iconButton("trash", t("删除「{name}」", "Remove “{name}”", { name: state.name }), () => {
      void attempt(() => states.remove(state)).then((gone) => {
        if (gone) toast(t("已删除图层状态「{name}」", "Layer state “{name}” was removed", { name: state.name }), "blue", { undo: () => void attempt(() => states.restore(state)) });
      });
    }, { class: "btn btn-quiet btn-icon btn-small" }, 14),
  ];
  const row = (state: NamedState): HTMLElement => {
    const apply = button(h("span", { class: "layer-name" }, state.name), { class: "btn btn-quiet btn-small layer-state", "aria-pressed": String(isApplied(state, drawing.layers)), title: t("只显示「{name}」的图层", "Show the layers of “{name}”", { name: state.name }) }, () => drawing.setLayers(shownUnder(state)));
    const end = state.mine ? own(state) : [state.id === null ? badge(t("图纸自带", "in the drawing")) : badge(state.author, "", "users", t("{name} 共享", "Shared by {name}", { name: state.author }))];
    return h("li", {}, apply, ...end);
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
    const before = states.list().find((state) => state.mine && state.name === given);
    const told = t("已保存「{name}」，本图纸集的其他图幅也可用。", "“{name}” is kept, for the other sheets of this set, too.", { name: given });
    void attempt(() => states.save(given, drawing.layers, before?.shared ?? false), told).then((kept) => {
      if (kept) name.value = "";
    });
  });
  review.signals.on("drawing", () => {
    // Only what is pressed changes with the layers; the list itself keeps the focus.
    const known = states.list();
    list.querySelectorAll(".layer-state").forEach((each, at) => known[at] && each.setAttribute("aria-pressed", String(isApplied(known[at], drawing.layers))));
  });
  show();
  const part = h("details", { class: "layer-states" }, h("summary", {}, t("图层状态", "Layer states"), " ", count), form, note, list);
  void attempt(() => states.load());
  // What others have shared meanwhile.
  part.addEventListener("toggle", () => part.open && void attempt(() => states.load()));
  return part;
}
