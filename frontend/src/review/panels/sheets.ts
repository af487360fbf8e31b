/** Left panel, upper half: the sheets of the round with new, changed, identical; the one that is open; which were looked at. */

import { t } from "../../site/language";
import { address } from "../../site/requests";
import { sheetPage } from "../config";
import { h, rebuild } from "../dom";
import { icon } from "../icons";
import { iconButton } from "../pieces";
import type { RoundSheet } from "../records";
import type { Review } from "../review";
import { changeWords, sheetState } from "../words";

const SEEN = "lianshen-seen";
const PICTURES = "lianshen-thumbnails";

/** Sheets this browser has opened, by person: the sign dialog warns of those that were not. */
export function seenSheets(): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(`${SEEN}:${document.body.dataset["person"] ?? ""}`) ?? "[]") as string[]);
  } catch {
    return new Set();
  }
}

export function noteSeen(id: string): void {
  const seen = seenSheets();
  if (seen.has(id)) return;
  seen.add(id);
  try {
    localStorage.setItem(`${SEEN}:${document.body.dataset["person"] ?? ""}`, JSON.stringify([...seen].slice(-2000)));
  } catch {
    // The store is full: the hint about unopened sheets will be too careful, nothing else.
  }
}

export function sheetsOf(review: Review): RoundSheet[] {
  const { round } = review.catalogue;
  if (round && round.sheets.length > 0) return round.sheets;
  const { sheet } = review;
  return [{ id: sheet.id, number: sheet.number, name: sheet.name, state: review.room.log.state, marks: 0, change: null, picture: `${sheet.render}overview.webp` }];
}

/** The sheet before or after this one; null at the ends. */
export function neighbour(review: Review, step: 1 | -1): RoundSheet | null {
  const sheets = sheetsOf(review);
  const at = sheets.findIndex((sheet) => sheet.id === review.sheet.id);
  return at < 0 ? null : (sheets[at + step] ?? null);
}

export function sheetsPanel(review: Review): HTMLElement {
  const list = h("ul", { class: "sheet-list plain-list" });
  const count = h("span", { class: "muted small" });
  let pictures = localStorage.getItem(PICTURES) !== "0";
  const toggle = iconButton("images", t("缩略图", "Thumbnails"), () => {
    pictures = !pictures;
    localStorage.setItem(PICTURES, pictures ? "1" : "0");
    show();
  }, { class: "btn btn-quiet btn-icon btn-small" }, 16);
  const panel = h("section", { class: "panel-part panel-sheets", "aria-label": t("图纸", "Sheets") }, h("div", { class: "panel-head" }, h("h2", {}, t("图纸", "Sheets")), count, toggle), list);

  const show = (): void => {
    const sheets = sheetsOf(review);
    const seen = seenSheets();
    toggle.setAttribute("aria-pressed", String(pictures));
    count.textContent = sheets.length > 1 ? t("{n} 张", "{n} {n|sheet|sheets}", { n: sheets.length }) : "";
    const own = [...review.room.log.view.values()].filter((mark) => !mark.deleted).length;
    rebuild(
      list,
      sheets.map((sheet) => {
        const current = sheet.id === review.sheet.id;
        const state = sheetState(current ? review.room.log.state : sheet.state);
        const change = sheet.change ? changeWords(sheet.change) : null;
        const marks = current ? own : sheet.marks;
        const row = h(
          "a",
          { class: `sheet-row${pictures ? " has-thumb" : ""}`, href: sheetPage(sheet.id), "aria-current": current ? "page" : null, title: `${sheet.number} ${sheet.name} · ${state.text}` },
          pictures ? h("span", { class: "sheet-thumb", "data-theme": "light" }, h("img", { src: address(sheet.picture), alt: "", loading: "lazy", decoding: "async" })) : null,
          h("span", { class: "sheet-number" }, sheet.number || "—"),
          h("span", { class: "sheet-name" }, sheet.name),
          change ? h("span", { class: "diff-badge", "data-change": sheet.change }, `${change.text} ${change.sign}`) : h("span"),
          h("span", { class: `sheet-marks${marks ? "" : " is-zero"}`, title: t("{n} 条批注", "{n} {n|mark|marks}", { n: marks }) }, marks ? String(marks) : ""),
          current || seen.has(sheet.id) ? h("span", { class: "visually-hidden" }, t("已看过", "seen")) : h("span", { class: "sheet-unseen", title: t("您还没打开过", "Not opened yet") }),
        );
        if (sheet.state !== "open" && !current && sheet.state !== "draft") row.append(icon("lock", 14));
        return h("li", { "data-key": sheet.id }, row);
      }),
    );
  };
  review.signals.on(["round", "marks", "status"], show);
  show();
  return panel;
}
