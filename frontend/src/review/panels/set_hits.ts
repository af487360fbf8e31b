/** Below the marks while somebody searches: the words on the other sheets of the same revision, each a link to its place. */

import { t } from "../../site/language";
import { ask } from "../../site/requests";
import { sheetPage } from "../config";
import { h, rebuild } from "../dom";
import { marked } from "../pieces";
import type { Review } from "../review";

interface SheetHits {
  sheet_id: string;
  number: string;
  name: string;
  count: number;
  texts: { text: string; box: [number, number, number, number] }[];
}

const REST_MS = 300;

export function setHits(review: Review): HTMLElement {
  const element = h("section", { class: "text-hits set-hits", "aria-label": t("其他图纸上的文字", "Texts on other sheets"), hidden: true });
  let timer = 0;
  let asked = "";
  const show = (words: string, found: SheetHits[] | null): void => {
    if (words !== asked) return;
    const others = (found ?? []).filter((hits) => hits.sheet_id !== review.sheet.id);
    const all = others.reduce((sum, hits) => sum + hits.count, 0);
    element.hidden = false;
    rebuild(element, [
      h("h3", {}, found === null ? t("全套图纸暂时无法检索", "The other sheets cannot be searched now") : others.length === 0 ? t("本版其他图纸上没有“{words}”", "“{words}” is on no other sheet of this revision", { words }) : t("本版其他 {sheets} 张图上 {n} 处", "{n} {n|place|places} on {sheets} other {sheets|sheet|sheets}", { sheets: others.length, n: all })),
      ...others.map((hits) =>
        h(
          "div",
          { "data-key": hits.sheet_id, class: "set-hit" },
          h("h4", {}, hits.number ? h("span", { class: "sheet-number" }, hits.number) : null, " ", hits.name, h("span", { class: "muted num" }, ` ${hits.count}`)),
          h("ul", { class: "plain-list" }, ...hits.texts.map((hit) => h("li", { "data-key": hit.box.join() }, h("a", { class: "text-hit", href: `${sheetPage(hits.sheet_id)}#at-${hit.box.map((n) => Number(n.toFixed(4))).join(",")}` }, h("span", {}, marked(hit.text, words)))))),
        ),
      ),
    ]);
  };
  review.signals.on("filter", () => {
    const words = review.filter.words.trim();
    if (words === asked) return;
    asked = words;
    window.clearTimeout(timer);
    if (words === "") {
      element.hidden = true;
      return;
    }
    timer = window.setTimeout(() => {
      ask<SheetHits[]>(`/api/v1/revisions/${review.sheet.revision.id}/texts?q=${encodeURIComponent(words)}`).then(
        (found) => show(words, found),
        () => show(words, null),
      );
    }, REST_MS);
  });
  return element;
}
