/** The list of differences: regions to step through, then every entity by kind of change; words that changed are spelled out. */

import { number, t } from "../site/language";
import { button, fill, h } from "../review/dom";
import { icon } from "../review/icons";
import { kindWord } from "../review/kind_words";
import { iconButton } from "../review/pieces";
import type { Difference, Differences, How } from "./records";

const ROWS = 200;

const ORDER: readonly How[] = ["text", "shape", "moved", "layer", "added", "removed"];

function words(how: How): string {
  switch (how) {
    case "text":
      return t("仅文字变化", "Words only");
    case "shape":
      return t("图形修改", "Geometry changed");
    case "moved":
      return t("移动", "Moved");
    case "layer":
      return t("换了图层", "Other layer");
    case "added":
      return t("新增", "Added");
    case "removed":
      return t("删除", "Removed");
  }
}

export interface ListOwner {
  show(difference: Difference): void;
  showRegion(at: number): void;
}

export class DifferenceList {
  readonly element = h("aside", { class: "compare-list", "aria-label": t("差异清单", "Differences") });
  readonly #owner: ListOwner;
  #found: Differences | null = null;
  #region = -1;
  #open = new Set<How>(["text", "shape"]);
  #most = ROWS;

  constructor(owner: ListOwner) {
    this.#owner = owner;
    fill(this.element, h("p", { class: "muted compare-wait" }, t("正在逐项比对…", "Comparing entity by entity…")));
  }

  fail(text: string): void {
    fill(this.element, h("p", { class: "text-red compare-wait" }, text));
  }

  take(found: Differences): void {
    this.#found = found;
    this.#show();
  }

  /** The next region, or the one before; round and round. */
  step(by: 1 | -1): void {
    const count = this.#found?.regions.length ?? 0;
    if (count === 0) return;
    this.#region = (this.#region + by + count) % count;
    this.#show();
    this.#owner.showRegion(this.#region);
  }

  /** Made anew, with the keyboard and the scroll where they were. */
  #show(): void {
    const held = this.element.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset["held"] : undefined;
    const scrolled = this.element.scrollTop;
    this.#rebuild();
    this.element.scrollTop = scrolled;
    if (held) this.element.querySelector<HTMLElement>(`[data-held="${held}"]`)?.focus();
  }

  #rebuild(): void {
    const found = this.#found;
    if (!found) return;
    if (found.identical) {
      fill(this.element, h("div", { class: "compare-wait" }, h("strong", {}, t("两张图逐项相同", "The sheets are identical")), h("p", { class: "muted" }, t("共 {n} 个图元，没有差异。", "{n} {n|entity|entities}, no difference.", { n: found.counts.same }))));
      return;
    }
    const { counts, regions } = found;
    const summary = h(
      "div",
      { class: "compare-summary" },
      h("p", {}, t("图元：新增 {a} · 删除 {r} · 修改 {c}（仅文字 {x}） · 未变 {s}", "Entities: {a} added · {r} removed · {c} changed ({x} words only) · {s} the same", { a: number(counts.added), r: number(counts.removed), c: number(counts.changed), x: number(counts.texts), s: number(counts.same) })),
      h(
        "div",
        { class: "row" },
        iconButton("chevronLeft", t("上一处（P）", "Previous place (P)"), () => this.step(-1), { class: "btn btn-quiet btn-icon", "data-held": "back" }),
        h("span", { class: "num" }, this.#region < 0 ? t("变化集中在 {n} 处", "{n} {n|place|places}", { n: regions.length }) : t("第 {at} 处 / 共 {n} 处", "Place {at} of {n}", { at: this.#region + 1, n: regions.length })),
        iconButton("chevronRight", t("下一处（N）", "Next place (N)"), () => this.step(1), { class: "btn btn-quiet btn-icon", "data-held": "on" }),
      ),
    );
    const groups = ORDER.flatMap((how) => {
      const rows = found.changes.filter((each) => each.how === how);
      return rows.length === 0 ? [] : [this.#group(how, rows)];
    });
    fill(this.element, summary, ...groups);
  }

  #group(how: How, rows: Difference[]): HTMLElement {
    const details = h("details", { class: "compare-group", "data-how": how, open: this.#open.has(how) }, h("summary", {}, h("i", { class: "how-mark" }), words(how), h("span", { class: "muted num" }, ` ${rows.length}`)));
    details.addEventListener("toggle", () => {
      if (details.open) this.#open.add(how);
      else this.#open.delete(how);
    });
    details.append(
      h(
        "ul",
        { class: "plain-list" },
        ...rows.slice(0, this.#most).map((each) => h("li", {}, button(this.#row(each), { class: "compare-row" }, () => this.#owner.show(each)))),
        rows.length > this.#most
          ? h("li", {}, button(t("再显示 {n} 条", "Show {n} more", { n: Math.min(ROWS, rows.length - this.#most) }), { class: "btn btn-quiet btn-block" }, () => {
              this.#most += ROWS;
              this.#show();
            }))
          : null,
      ),
    );
    return details;
  }

  #row(each: Difference): Node {
    const word = kindWord(each.type);
    const drawn = each.type !== "CELL" && each.type !== "WORD";
    const exact = [word && drawn ? each.type : "", drawn ? each.id : ""].filter(Boolean).join(" ");
    const meta = h("span", { class: "compare-meta" }, word || each.type, each.layer ? ` · ${each.layer}` : "", exact ? h("span", { class: "muted mono compare-exact", title: t("图元类型与句柄", "Kind and handle") }, exact) : null);
    const said: Node[] = [];
    if (each.old_text) said.push(h("del", {}, each.old_text));
    if (each.old_text && each.new_text) said.push(icon("chevronRight", 12));
    if (each.new_text) said.push(h("ins", {}, each.new_text));
    return h("span", {}, meta, said.length ? h("span", { class: "compare-words" }, ...said) : null);
  }
}
