/** What of the file is not shown, and why: always visible when there is something, in full on demand. */

import { english, number, t } from "../../site/language";
import type { Fidelity } from "../../drawing/manifest";
import { button, h } from "../dom";
import { icon } from "../icons";
import { kindWord } from "../kind_words";
import { closeButton, dialog } from "../pieces";
import type { Review } from "../review";

function partWord(kind: string): string {
  switch (kind) {
    case "xref":
      return t("外部参照", "external reference");
    case "image":
      return t("图片", "image");
    default:
      return kind;
  }
}

/** What people call a kind of entity, and what the file calls it. */
function kindNamed(type: string): string {
  const word = kindWord(type);
  return word ? t("{word}（{type}）", "{word} ({type})", { word, type }) : type;
}

/** One line per finding, in the reader's language; the empty list means that everything is shown. */
export function findings(fidelity: Fidelity): string[] {
  const found: string[] = [];
  for (const row of fidelity.not_shown) found.push(`${kindNamed(row.type)} × ${row.count}${t("：", ": ")}${english ? row.en : row.zh}`);
  for (const row of fidelity.missing) found.push(t("缺少{kind} {name}（{count} 处）", "Missing {kind} {name} ({count}×)", { kind: partWord(row.kind), name: row.name, count: row.count }));
  for (const font of fidelity.fonts?.missing ?? []) {
    const by = fidelity.fonts?.substituted[font];
    const uses = fidelity.fonts?.uses[font] ?? 0;
    found.push(by ? t("字体缺失 {font}，{uses} 处，已用 {by} 代替", "Font {font} is missing ({uses}×); {by} is used instead", { font, uses, by }) : t("字体缺失 {font}，{uses} 处", "Font {font} is missing ({uses}×)", { font, uses }));
  }
  for (const warning of fidelity.warnings) found.push(english ? warning.en : warning.zh);
  return found;
}

/** Number of objects of the file that the picture does not show. */
export function countNotShown(fidelity: Fidelity): number {
  return fidelity.not_shown.reduce((sum, row) => sum + row.count, 0);
}

/** What an older version of the product made is named as that, with the whole text a press away; nothing for today's. */
export function preparationLine(review: Review): HTMLElement | null {
  const { state, text } = review.sheet.preparation;
  if (text === "") return null;
  const short = state === "waiting" ? t("正在重新制备", "Being prepared anew") : t("旧版制备的图", "Prepared by an older version");
  return button([icon("triangle", 14), h("span", { class: "status-alert-text" }, short)], { class: "status-alert is-amber", title: text }, () =>
    dialog(short, (close) => ({ body: [h("p", {}, text)], foot: [closeButton(close, t("知道了", "Got it"))] })),
  );
}

/** The line in the status bar; hidden when the sheet is shown whole. */
export function fidelityLine(review: Review): HTMLElement {
  const line = h("span", { class: "fidelity-line" });
  const show = (): void => {
    const { drawing } = review;
    line.replaceChildren();
    if (drawing.failed.size > 0) {
      line.append(
        button([icon("triangle", 14), t("{n} 个文件未能载入，图形不完整 · 重试", "{n} {n|file|files} did not load; the picture is incomplete · retry", { n: drawing.failed.size })], { class: "status-alert is-red" }, () => drawing.retry()),
      );
    }
    const { fidelity } = drawing;
    if (!fidelity) return;
    const lost = countNotShown(fidelity);
    const all = findings(fidelity);
    if (all.length === 0) return;
    const first = fidelity.not_shown[0];
    const text =
      lost > 0
        ? t("未能显示 {n} 个对象：{what}", "{n} {n|object|objects} not shown: {what}", { n: lost, what: first ? (kindWord(first.type) || first.type) + t("（{why}）", " ({why})", { why: english ? first.en : first.zh }) : "" })
        : t("提示 {n} 条", "{n} {n|note|notes}", { n: all.length });
    line.append(button([icon("triangle", 14), h("span", { class: "status-alert-text" }, text)], { class: `status-alert${lost > 0 ? " is-amber" : ""}`, title: t("查看保真报告", "Open the fidelity report") }, () => openReport(fidelity)));
  };
  review.signals.on("drawing", show);
  show();
  return line;
}

function openReport(fidelity: Fidelity): void {
  dialog(
    t("保真报告", "Fidelity report"),
    (close) => {
      const types = Object.entries(fidelity.entities).sort((a, b) => b[1] - a[1]);
      return {
        body: [
          h("p", {}, t("文件里有什么、显示了什么、什么没有显示及原因。审查时请以此为准，没有显示的内容请向申请人索取。", "What the file holds, what is shown, what is not and why. Ask the applicant for what is not shown.")),
          h("ul", { class: "fidelity-list" }, ...findings(fidelity).map((text) => h("li", {}, text))),
          h(
            "div",
            { class: "table-wrap" },
            h(
              "table",
              { class: "table" },
              h("thead", {}, h("tr", {}, h("th", {}, t("类型", "Type")), h("th", { class: "num" }, t("文件中", "In file")), h("th", { class: "num" }, t("已显示", "Shown")))),
              h("tbody", {}, ...types.map(([type, count]) => h("tr", {}, h("td", {}, `${kindWord(type)} `, h("span", { class: "muted mono small" }, type)), h("td", { class: "num" }, number(count)), h("td", { class: "num" }, number(fidelity.shown[type] ?? 0))))),
            ),
          ),
          h("p", { class: "muted small" }, t("读取程序：{reader}", "Reader: {reader}", { reader: fidelity.reader })),
        ],
        foot: [closeButton(close, t("知道了", "Got it"))],
      };
    },
    "dialog",
  );
}
