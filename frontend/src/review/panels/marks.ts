/** Right panel, "批注": every mark of the sheet in step with the canvas; the chosen one opens with its thread and acts. */

import type { TextRecord } from "../../drawing/manifest";
import type { Mark } from "../../realtime/marks";
import type { Draft } from "../../realtime/queue";
import { t } from "../../site/language";
import { toast } from "../../site/toasts";
import { button, h, rebuild } from "../dom";
import { icon } from "../icons";
import { isFiltering, NO_FILTER, type MarkState } from "../filter";
import { badge, deptChip, empty, filterChip, iconButton, marked } from "../pieces";
import type { Review } from "../review";
import { setHits } from "./set_hits";
import { measureText } from "../scale";
import { toolLabel } from "../tools/kinds";
import { fullTime, shortTime } from "../words";

export interface MarksPanelOwner {
  /** Brings a mark into sight. */
  show(obj: string): void;
  /** Opens the form for an opinion on the selected marks. */
  raise(): void;
  /** Opens the editor of a mark's text on the canvas. */
  write(obj: string): void;
  /** Shows a text of the drawing. */
  showText(record: TextRecord): void;
}

const STATES: readonly [MarkState, string][] = [
  ["all", t("全部", "All")],
  ["open", t("未处理", "Open")],
  ["opinion", t("已成意见", "In opinions")],
  ["resolved", t("已解决", "Resolved")],
  ["deleted", t("已删除", "Deleted")],
];

const PERIODS: readonly [number | null, string][] = [
  [null, t("所有日期", "Any date")],
  [1, t("今天", "Today")],
  [3, t("近 3 天", "Last 3 days")],
  [7, t("近 7 天", "Last 7 days")],
  [30, t("近 30 天", "Last 30 days")],
];

const ROWS = 150;
const TEXTS = 60;

export function marksPanel(review: Review, owner: MarksPanelOwner): { element: HTMLElement; search: HTMLInputElement; show(): void } {
  let most = ROWS;
  const search = h("input", { type: "search", placeholder: t("搜索批注和全套图上文字（/）", "Search marks and the set's texts (/)"), "aria-label": t("搜索批注", "Search marks"), autocomplete: "off" });
  search.addEventListener("input", () => review.setFilter({ words: search.value }));
  const states = h("div", { class: "chip-row", role: "group", "aria-label": t("状态", "State") });
  const depts = h("div", { class: "chip-row", role: "group", "aria-label": t("部门", "Department") });
  const author = h("select", { class: "author-select", "aria-label": t("作者", "Author") });
  author.addEventListener("change", () => review.setFilter({ author: author.value === "" ? null : Number(author.value) }));
  const since = h("select", { class: "author-select", "aria-label": t("日期", "Date") }, ...PERIODS.map(([days, label]) => h("option", { value: days ?? "" }, label)));
  since.addEventListener("change", () => review.setFilter({ days: since.value === "" ? null : Number(since.value) }));
  const drafts = h("div", { class: "draft-list" });
  const list = h("div", { class: "mark-list", role: "list" });
  const texts = h("section", { class: "text-hits", "aria-label": t("图上文字", "Texts on the drawing") });
  const element = h(
    "div",
    { class: "panel-body marks-panel" },
    h("div", { class: "panel-tools" }, h("div", { class: "search-field" }, icon("search"), search), states, h("div", { class: "row filter-row" }, depts, author, since)),
    drafts,
    list,
    h("div", { class: "hits-area" }, texts, setHits(review)),
  );
  /** Replies being written, by mark: a rebuild of the list must not lose them. */
  const replies = new Map<string, string>();

  const showFilters = (): void => {
    rebuild(states, STATES.map(([state, label]) => filterChip(label, review.filter.state === state, () => review.setFilter({ state }), { "data-key": state })));
    const present = new Set([...review.room.log.view.values()].map((mark) => mark.dept ?? ""));
    const known = [...present].filter((code) => code !== "");
    depts.hidden = known.length < 2;
    rebuild(
      depts,
      known.map((code) =>
        filterChip(
          deptChip(review.directory, code),
          review.filter.depts.has(code),
          () => {
            const chosen = new Set(review.filter.depts);
            if (!chosen.delete(code)) chosen.add(code);
            review.setFilter({ depts: chosen });
          },
          { "data-key": code, title: review.directory.departmentName(code) },
        ),
      ),
    );
    const people = [...new Set([...review.room.log.view.values()].map((mark) => mark.by))].filter((id): id is number => id !== null);
    author.hidden = people.length < 2;
    author.replaceChildren(h("option", { value: "" }, t("所有作者", "All authors")), ...people.map((id) => h("option", { value: id }, review.directory.personName(id))));
    since.value = review.filter.days === null ? "" : String(review.filter.days);
    author.value = review.filter.author === null ? "" : String(review.filter.author);
  };

  const showList = (): void => {
    if (!element.isConnected) return; // built again when the tab is opened
    const marks = review.marks.filter((mark) => review.shown.has(mark.obj));
    const worded = review.filter.words.trim() !== "";
    list.classList.toggle("is-none", marks.length === 0 && worded);
    if (marks.length > 0) {
      const rows: Node[] = [];
      marks.forEach((mark, at) => {
        if (at < most || review.selection.has(mark.obj)) rows.push(row(review, owner, mark, replies));
      });
      if (marks.length > most) {
        rows.push(button(t("再显示 {n} 条", "Show {n} more", { n: Math.min(ROWS, marks.length - most) }), { class: "btn btn-quiet btn-block", "data-key": "more" }, () => {
          most += ROWS;
          showList();
        }));
      }
      rebuild(list, rows);
      return;
    }
    if (isFiltering(review.filter)) {
      const clear = button(t("清除筛选", "Clear filters"), { class: "btn btn-small" }, () => {
        search.value = "";
        review.setFilter(NO_FILTER);
      });
      const none = t("没有符合条件的批注", "No mark matches");
      rebuild(list, [worded ? h("div", { class: "row marks-none" }, none, clear) : empty("search", none, t("换个条件再试。", "Try other filters."), clear)]);
      return;
    }
    const why = review.whyNot("create", null);
    rebuild(list, [
      empty("cloud", t("这张图还没有批注", "No marks on this sheet yet"), why ?? t("按 C 拖出云线，按 A 画箭头，按 T 写文字。批注是本部门的草稿，提成意见后才会告知申请人。", "Press C for a cloud, A for an arrow, T for text. Marks are drafts of your department until raised as an opinion.")),
    ]);
  };

  const showSelection = (): void => {
    showList();
    const [obj] = review.selection;
    if (obj) list.querySelector(`[data-key="${CSS.escape(obj)}"]`)?.scrollIntoView({ block: "nearest" });
  };

  const showTexts = (): void => {
    const words = review.filter.words;
    const hits = review.drawing.labels.search(words, TEXTS);
    texts.hidden = words.trim() === "" || hits.length === 0;
    rebuild(texts, [
      h("h3", {}, hits.length === TEXTS ? t("图上文字，前 {n} 处", "Texts on the drawing, first {n}", { n: TEXTS }) : t("图上文字 {n} 处", "{n} {n|text|texts} on the drawing", { n: hits.length })),
      h("ul", { class: "plain-list" }, ...hits.map((record) => h("li", { "data-key": `${record.x},${record.y},${record.s}` }, button(h("span", {}, marked(record.s, words)), { class: "text-hit" }, () => owner.showText(record))))),
    ]);
  };

  const showDrafts = (): void => {
    rebuild(drafts, review.drafts.map((draft) => draftRow(review, owner, draft)));
  };

  let chosen = "";
  review.signals.on("selection", () => {
    const now = [...review.selection].join();
    if (now !== chosen) {
      chosen = now;
      showSelection();
    } else for (const one of list.querySelectorAll<HTMLElement>("[data-key]")) one.classList.toggle("is-hovered", one.dataset["key"] === review.hovered);
  });
  review.signals.on(["marks", "people", "status", "opinions"], showList);
  review.signals.on(["marks", "filter", "round"], showFilters);
  review.signals.on("drafts", showDrafts);
  review.signals.on("filter", showTexts);
  showFilters();
  showDrafts();
  showTexts();
  return { element, search, show: showSelection };
}

/** What a mark says, in one line. */
export function summaryOf(review: Review, mark: Mark): string {
  const text = typeof mark.p["text"] === "string" ? mark.p["text"].trim() : "";
  if (text !== "") return text;
  const view = review.view(mark.obj);
  if (mark.p["tool"] === "measure" && view) return measureText(view.geometry, typeof mark.p["scale"] === "number" ? mark.p["scale"] : review.scale);
  if (mark.p["tool"] === "count" && view?.label) return view.label.lines.join("");
  return "";
}

function row(review: Review, owner: MarksPanelOwner, mark: Mark, replies: Map<string, string>): HTMLElement {
  const { directory } = review;
  const chosen = review.selection.has(mark.obj);
  const summary = summaryOf(review, mark);
  const opinion = review.catalogue.opinionOfMark(mark.obj);
  const editor = review.together.editorOf(mark.obj);
  const element = h("article", {
    class: `mark-row${chosen ? " is-chosen" : ""}${mark.resolved ? " is-resolved" : ""}${mark.deleted ? " is-deleted" : ""}${review.hovered === mark.obj ? " is-hovered" : ""}`,
    "data-key": mark.obj,
    "data-color": directory.department(mark.dept)?.color ?? null,
    role: "listitem",
  });
  const head = button(
    [
      h(
        "span",
        { class: "mark-meta" },
        deptChip(directory, mark.dept),
        h("span", { class: "mark-kind" }, toolLabel(mark.p["tool"])),
        h("span", { class: "mark-who" }, directory.personName(mark.by)),
        h("time", { class: "mark-when num", datetime: mark.at, title: fullTime(mark.at) }, shortTime(mark.at)),
      ),
      h("span", { class: `mark-text${summary ? "" : " is-empty"}` }, summary ? marked(summary, review.filter.words) : t("（未写文字）", "(no text)")),
      h(
        "span",
        { class: "mark-flags" },
        opinion ? badge(t("意见 #{no}", "Opinion #{no}", { no: opinion.no }), "blue", "opinion") : mark.cited ? badge(t("已成意见", "In an opinion"), "blue", "opinion") : null,
        mark.resolved ? badge(t("已解决", "Resolved"), "green", "check") : null,
        mark.deleted ? badge(t("已删除", "Deleted"), "", "trash") : null,
        mark.thread.length > 0 && !chosen ? badge(String(mark.thread.length), "", "message", t("{n} 条回复", "{n} {n|reply|replies}", { n: mark.thread.length })) : null,
        mark.unsaved ? badge(t("未同步", "Unsaved"), "amber", "cloudOff") : null,
        editor ? badge(t("{name} 正在编辑", "{name} is editing", { name: editor.name }), "amber", "text") : null,
      ),
    ],
    { class: "mark-head", "data-role": "head", "aria-pressed": String(chosen) },
    (event) => {
      if (event.shiftKey || event.ctrlKey || event.metaKey) review.toggle(mark.obj);
      else {
        review.select([mark.obj]);
        owner.show(mark.obj);
      }
    },
  );
  head.addEventListener("pointerenter", () => review.hover(mark.obj));
  head.addEventListener("pointerleave", () => review.hover(null));
  element.append(head);
  if (chosen && review.selection.size === 1) element.append(detail(review, owner, mark, replies));
  return element;
}

function detail(review: Review, owner: MarksPanelOwner, mark: Mark, replies: Map<string, string>): HTMLElement {
  const { directory } = review;
  const why = review.whyNot("edit", mark);
  const acts = h("div", { class: "row mark-acts" });
  const mine = why === null;
  if (mine) {
    acts.append(button([icon("freehand"), summaryOf(review, mark) && mark.p["text"] ? t("改文字", "Edit text") : t("写文字", "Add text")], { class: "btn btn-small", "data-role": "text" }, () => owner.write(mark.obj)));
    acts.append(
      mark.resolved
        ? button([icon("undo"), t("重新打开", "Reopen")], { class: "btn btn-small", "data-role": "reopen" }, () => review.act([{ k: "reopen", obj: mark.obj, p: {} }]))
        : button([icon("check"), t("解决", "Resolve")], { class: "btn btn-small", "data-role": "resolve" }, () => review.act([{ k: "resolve", obj: mark.obj, p: {} }])),
    );
    if (review.catalogue.raisable.length > 0) acts.append(button([icon("opinion"), t("提意见", "Raise")], { class: "btn btn-small btn-primary", "data-role": "raise", title: "Enter" }, () => owner.raise()));
    acts.append(iconButton("trash", t("删除（Delete）", "Delete (Del)"), () => review.remove([mark.obj]), { class: "btn btn-small btn-quiet btn-icon push", "data-role": "delete" }, 16));
  } else if (mark.deleted && review.whyNot("restore", mark) === null) {
    acts.append(button([icon("restore"), t("恢复", "Restore")], { class: "btn btn-small", "data-role": "restore" }, () => review.act([{ k: "restore", obj: mark.obj, p: {} }])));
  }
  const parts: Node[] = [acts];
  if (!mine && !mark.deleted) parts.push(h("p", { class: "mark-why small muted" }, icon("lock", 14), why));
  if (mark.thread.length > 0) {
    parts.push(
      h(
        "ol",
        { class: "thread plain-list" },
        ...mark.thread.map((reply) =>
          h(
            "li",
            { "data-color": directory.department(reply.dept)?.color ?? null },
            h("span", { class: "mark-meta" }, deptChip(directory, reply.dept), h("b", {}, directory.personName(reply.by)), h("time", { class: "mark-when num", title: fullTime(reply.at) }, shortTime(reply.at))),
            h("p", {}, reply.text),
          ),
        ),
      ),
    );
  }
  const closed = review.whyNot("reply", mark);
  if (closed === null) parts.push(replyForm(review, mark, replies));
  return h("div", { class: "mark-detail" }, ...parts);
}

function replyForm(review: Review, mark: Mark, replies: Map<string, string>): HTMLElement {
  const input = h("textarea", { rows: 1, placeholder: t("回复…（回车发送，Shift+回车换行）", "Reply… (Enter sends, Shift+Enter for a new line)"), "aria-label": t("回复", "Reply"), maxlength: 4000, "data-role": "reply" });
  input.value = replies.get(mark.obj) ?? "";
  const send = (): void => {
    const text = input.value.trim();
    if (text === "" || !review.reply(mark.obj, text)) return;
    replies.delete(mark.obj);
    input.value = "";
  };
  const names = mentionList(review, input);
  input.addEventListener("input", () => replies.set(mark.obj, input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.blur();
    if (names.take(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  const form = h("form", { class: "reply-form" }, names.element, input, iconButton("send", t("发送", "Send"), send, { class: "btn btn-small btn-icon" }, 16));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  return form;
}

/** The names that fit what was typed after an @; Enter or a click takes one. */
function mentionList(review: Review, input: HTMLTextAreaElement): { element: HTMLElement; take(event: KeyboardEvent): boolean } {
  const list = h("ul", { class: "mention-list plain-list", role: "listbox", hidden: true });
  let from = -1;
  let fitting: string[] = [];
  const close = (): void => {
    list.hidden = true;
    fitting = [];
  };
  const choose = (name: string): void => {
    input.setRangeText(`@${name} `, from, input.selectionStart, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    close();
    input.focus();
  };
  input.addEventListener("input", () => {
    const before = input.value.slice(0, input.selectionStart);
    const typed = /@([^\s@]{0,12})$/.exec(before);
    if (!typed) {
      close();
      return;
    }
    from = before.length - typed[0].length;
    fitting = review.directory.people().map((person) => person.name).filter((name) => name.includes(typed[1] ?? "")).slice(0, 6);
    list.replaceChildren(
      ...fitting.map((name, at) => {
        const item = h("li", { role: "option", "aria-selected": String(at === 0), class: at === 0 ? "is-active" : "" }, name);
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(name);
        });
        return item;
      }),
    );
    list.hidden = fitting.length === 0;
  });
  input.addEventListener("blur", close);
  return {
    element: list,
    take(event) {
      if (list.hidden || event.isComposing || (event.key !== "Enter" && event.key !== "Tab")) return false;
      event.preventDefault();
      const [first] = fitting;
      if (first) choose(first);
      return true;
    },
  };
}

function draftRow(review: Review, owner: MarksPanelOwner, draft: Draft): HTMLElement {
  const use = (): void => {
    const mark = review.mark(draft.obj);
    if (mark && review.whyNot("edit", mark) === null) {
      if (review.patch(draft.obj, { text: draft.text })) void review.dropDraft(draft.id);
      review.select([draft.obj]);
      owner.show(draft.obj);
      return;
    }
    void navigator.clipboard?.writeText(draft.text).then(
      () => toast(t("文字已复制，可粘贴到新的批注。", "Copied; paste it into a new mark."), "green"),
      () => toast(t("浏览器不允许复制，请手工选取。", "The browser refused to copy; select the text by hand."), "amber"),
    );
  };
  return h(
    "div",
    { class: "callout callout-amber draft-row", "data-key": draft.id },
    icon("cloudOff"),
    h(
      "div",
      {},
      h("strong", {}, t("未提交的文字", "Text that was not saved")),
      h("p", { class: "draft-text" }, draft.text),
      h(
        "div",
        { class: "row" },
        button(t("再用", "Use again"), { class: "btn btn-small" }, use),
        button(t("丢弃", "Discard"), { class: "btn btn-small btn-quiet" }, () => void review.dropDraft(draft.id)),
      ),
    ),
  );
}
