/** Small pieces of the design system built by script: chips, badges, empty states, dialogs. */

import { t } from "../site/language";
import { add, button, h } from "./dom";
import { icon, type IconName } from "./icons";
import type { Directory } from "./directory";

/** The department's badge, with its name for screen readers and as a tooltip. */
export function deptChip(directory: Directory, code: string | null, withName = false): HTMLElement {
  const department = directory.department(code);
  const name = directory.departmentName(code);
  const mark = h("b", withName ? { "aria-hidden": "true" } : {}, department?.badge ?? "·");
  const chip = h("span", { class: `chip chip-dept${withName ? "" : " chip-only"}`, "data-color": department?.color, title: withName ? null : name }, mark);
  chip.append(withName ? h("span", {}, name) : h("span", { class: "visually-hidden" }, name));
  return chip;
}

export function badge(text: string | Node, tone = "", name?: IconName, title?: string): HTMLElement {
  return h("span", { class: `badge${tone ? ` badge-${tone}` : ""}`, title }, name ? icon(name, 14) : null, text);
}

export function empty(name: IconName, title: string, text: string, action?: HTMLElement): HTMLElement {
  return h("div", { class: "empty review-empty" }, icon(name, 24), h("strong", {}, title), h("p", {}, text), action ?? null);
}

export function filterChip(label: string | Node, pressed: boolean, act: () => void, attributes: Record<string, string> = {}): HTMLButtonElement {
  const chip = button(label, { class: "chip chip-plain", "aria-pressed": String(pressed), ...attributes }, act);
  return chip;
}

/** A modal dialog; `build` fills it and gets a function that closes it. Removed from the page when closed. */
export function dialog(title: string, build: (close: () => void) => { body: Node[]; foot: Node[] }, name = "dialog"): HTMLDialogElement {
  const id = `dialog-${Math.random().toString(36).slice(2)}`;
  const made = h("dialog", { class: name, "aria-labelledby": id });
  const parts = build(() => made.close());
  made.append(
    h("div", { class: "dialog-head" }, h("h2", { id }, title)),
    h("div", { class: "dialog-body" }, ...parts.body),
    h("div", { class: "dialog-foot" }, ...parts.foot),
  );
  made.addEventListener("close", () => made.remove());
  // Beside the canvas, so that it takes the canvas's light or dark.
  (document.querySelector(".review") ?? document.body).append(made);
  made.showModal();
  return made;
}

export function closeButton(close: () => void, label = t("取消", "Cancel")): HTMLButtonElement {
  return button(label, { class: "btn" }, close);
}

/** An icon button with its name as tooltip and for screen readers. */
export function iconButton(name: IconName, label: string, act: (event: MouseEvent) => void, attributes: Record<string, string | boolean | null> = {}, size = 18): HTMLButtonElement {
  const made = button(icon(name, size), { class: "btn btn-quiet btn-icon", title: label, "aria-label": label, ...attributes }, act);
  return made;
}

/** A text with every occurrence of `words` marked. */
export function marked(text: string, words: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const wanted = words.trim().toLocaleLowerCase();
  if (wanted === "") {
    add(fragment, [text]);
    return fragment;
  }
  const low = text.toLocaleLowerCase();
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    add(fragment, [text.slice(from, at), h("mark", {}, text.slice(at, at + wanted.length))]);
    from = at + wanted.length;
  }
  add(fragment, [text.slice(from)]);
  return fragment;
}
