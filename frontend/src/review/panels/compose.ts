/**
 * The form for an opinion: class, clause, text, demand. A new one cites the selected marks, and the region of its picture follows
 * them; while it is written, opinions that say the same or the contrary are named. An existing draft is changed in the same form.
 */

import { t } from "../../site/language";
import { newId } from "../../realtime/ids";
import { Refusal } from "../../site/requests";
import { sayRefusal, toast } from "../../site/toasts";
import { joinBoxes, widen } from "../geometry";
import type { Box } from "../../drawing/manifest";
import { button, fill, h, rebuild } from "../dom";
import { icon } from "../icons";
import { deptChip, iconButton } from "../pieces";
import type { ClauseRecord, OpinionRecord, TaskRecord } from "../records";
import type { Review } from "../review";
import { CLASSES } from "../words";
import { summaryOf } from "./marks";
import { toolLabel } from "../tools/kinds";

const REGION_MARGIN = 0.35;
const REGION_LEAST_PX = 40;
const SEARCH_MS = 180;
const SIMILAR_MS = 700;

/** The part of the sheet that goes into the notice: the marks with a margin, and never smaller than can be read. */
export function regionOf(boxes: readonly Box[], resolution: number): Box | null {
  const joined = joinBoxes(boxes);
  return joined ? widen(joined, REGION_MARGIN, REGION_LEAST_PX * resolution) : null;
}

export function compose(review: Review, resolution: () => number, done: (raised: boolean) => void, edited?: OpinionRecord): HTMLElement {
  const tasks = review.catalogue.raisable;
  const marks = edited
    ? []
    : [...review.selection].filter((obj) => {
        const mark = review.mark(obj);
        return mark && !mark.deleted && mark.dept === review.config.me.dept;
      });
  const key = newId();
  const task = h("select", { id: "opinion-task", name: "task" }, ...tasks.map((one) => h("option", { value: one.id }, taskLabel(one))));
  const text = h("textarea", { id: "opinion-text", name: "text", rows: 4, maxlength: 4000, required: true });
  const demand = h("input", { id: "opinion-demand", name: "demand", type: "text", maxlength: 400, autocomplete: "off", placeholder: t("例如：净宽 ≥ 1.10 m", "e.g. clear width ≥ 1.10 m") });
  text.value = edited ? edited.text : marks.map((obj) => review.mark(obj)).flatMap((mark) => (mark ? [summaryOf(review, mark)] : [])).filter((said) => said !== "").join("\n");
  demand.value = edited?.demand_label ?? "";
  const clause = clausePicker(review, (chosen) => {
    const radios = [...form.querySelectorAll<HTMLInputElement>("input[name=cls]")];
    if (chosen.cls && !radios.some((radio) => radio.checked)) for (const radio of radios) radio.checked = radio.value === chosen.cls;
    warnSoon();
  });
  if (edited?.clause) clause.set(edited.clause);
  const lateReasons = edited ? [] : (review.catalogue.round?.late_reasons ?? []);
  const late = h("select", { id: "opinion-late", name: "late_reason" }, h("option", { value: "" }, t("所在位置本轮有改动，不属于补提", "The place was changed; not late")), ...lateReasons.map((reason) => h("option", { value: reason.code }, reason.name)));
  const warning = h("div", { class: "compose-warning", "aria-live": "polite" });
  const wrong = h("div", { class: "form-wrong", role: "alert" });

  const cited = h("ul", { class: "cited-list plain-list" });
  const showCited = (): void => {
    rebuild(
      cited,
      marks.map((obj) => {
        const mark = review.mark(obj);
        const label = mark ? summaryOf(review, mark) || toolLabel(mark.p["tool"]) : obj;
        return h(
          "li",
          { "data-key": obj },
          deptChip(review.directory, mark?.dept ?? null),
          h("span", { class: "cited-text" }, label),
          iconButton("close", t("不引用这条", "Leave this one out"), () => {
            marks.splice(marks.indexOf(obj), 1);
            showCited();
          }, { class: "btn btn-quiet btn-icon btn-small" }, 14),
        );
      }),
    );
    if (marks.length === 0 && !edited) fill(cited, h("li", { class: "muted small" }, t("没有引用批注：意见不带图上位置。先选批注再提，可自动截取图样。", "No mark is cited: the opinion has no place on the drawing. Select marks first to have the picture cut.")));
  };
  showCited();

  const send = button(edited ? t("保存修改", "Save changes") : t("提出意见", "Raise opinion"), { class: "btn btn-primary", type: "submit" }, () => undefined);
  const form = h(
    "form",
    { class: "compose-form stack", "data-draft": edited ? `opinion-${edited.id}` : `opinion-${tasks[0]?.id ?? ""}-${marks[0] ?? "none"}`, novalidate: true },
    h("div", { class: "compose-head row row-between" }, h("h2", {}, edited ? t("修改意见 #{no}", "Edit opinion #{no}", { no: edited.no }) : t("提意见", "Raise an opinion")), iconButton("close", t("关闭（Esc）", "Close (Esc)"), () => done(false))),
    wrong,
    tasks.length > 1 && !edited ? h("div", { class: "field" }, h("label", { for: "opinion-task" }, t("任务与专业", "Task and discipline")), task) : null,
    h("fieldset", { class: "class-cards" }, h("legend", {}, t("类别", "Class")), ...classCards(review, edited?.cls), h("p", { class: "error", id: "opinion-cls-error" })),
    clause.element,
    h("div", { class: "field" }, h("label", { for: "opinion-text" }, t("意见", "Opinion")), text, h("p", { class: "error", id: "opinion-text-error" })),
    h("div", { class: "field" }, h("label", { for: "opinion-demand" }, t("具体要求", "Demand"), h("span", { class: "optional" }, t("（可不填）", "(optional)"))), demand),
    warning,
    lateReasons.length > 0 ? h("div", { class: "field" }, h("label", { for: "opinion-late" }, t("补提理由", "Why it comes late")), late, h("p", { class: "hint" }, t("所在位置自首轮未改动时必须选择（一次性告知）。", "Required where nothing was changed since the first round.")), h("p", { class: "error", id: "opinion-late_reason-error" })) : null,
    edited ? null : h("div", { class: "field" }, h("span", { class: "label" }, t("引用批注", "Marks cited")), cited, h("p", { class: "hint" }, t("引用后批注作为依据保留，不能再改。", "Cited marks are kept as evidence and can no longer be changed."))),
    h("div", { class: "row row-end form-actions" }, button(t("取消", "Cancel"), { class: "btn" }, () => done(false)), send),
  );

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") done(false);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit();
    }
  });

  const fieldError = (name: string, message: string): void => {
    const error = form.querySelector<HTMLElement>(`#opinion-${name}-error`);
    if (error) error.textContent = message;
    form.querySelector<HTMLElement>(`[name="${name}"]`)?.setAttribute("aria-invalid", message ? "true" : "false");
  };

  const region = (): Box | null => {
    const boxes = marks.flatMap((obj) => {
      const view = review.view(obj);
      return view ? [view.box] : [];
    });
    return regionOf(boxes, resolution());
  };
  const chosenClass = (): string => form.querySelector<HTMLInputElement>("input[name=cls]:checked")?.value ?? "";

  let warnTimer = 0;
  let warning_: AbortController | null = null;
  const warn = async (): Promise<void> => {
    warning_?.abort();
    warning_ = new AbortController();
    if (edited || text.value.trim().length < 4) {
      fill(warning);
      return;
    }
    try {
      const similar = await review.catalogue.similar({ task_id: task.value || (tasks[0]?.id ?? ""), sheet_id: marks.length > 0 ? review.sheet.id : null, region: region(), cls: chosenClass(), clause_code: clause.value(), text: text.value.trim(), demand: demand.value.trim() || null }, warning_.signal);
      fill(warning, ...similarNotes(review, similar.duplicates, similar.contradicts, done));
    } catch {
      fill(warning); // a hint that cannot be had is no reason to disturb the writer
    }
  };
  const warnSoon = (): void => {
    window.clearTimeout(warnTimer);
    warnTimer = window.setTimeout(() => void warn(), SIMILAR_MS);
  };
  form.addEventListener("input", warnSoon);

  const submit = async (): Promise<void> => {
    if (send.getAttribute("aria-busy") === "true") return;
    fill(wrong);
    fieldError("text", "");
    fieldError("clause", "");
    fieldError("cls", "");
    const cls = chosenClass();
    if (cls === "") {
      fieldError("cls", t("请选择意见类别。", "Choose a class."));
      form.querySelector<HTMLElement>("input[name=cls]")?.focus();
      return;
    }
    const known = classesOf(review).find((one) => one.code === cls);
    if (text.value.trim() === "") {
      fieldError("text", t("请写明意见内容。", "Say what the opinion is."));
      text.focus();
      return;
    }
    if (known?.needs_clause && !clause.value()) {
      fieldError("clause", t("“{cls}”须引用条文；没有对应条文时请改用“建议”或“设计深度不足”。", "“{cls}” must cite a clause; without one use Suggestion or Depth.", { cls: known.name }));
      clause.focus();
      return;
    }
    if (review.room.unsaved > 0 && marks.some((obj) => review.mark(obj)?.unsaved)) {
      fill(wrong, callout(t("引用的批注还没有同步到服务器，请稍候几秒再提。", "A cited mark has not reached the server yet; wait a few seconds.")));
      return;
    }
    send.setAttribute("aria-busy", "true");
    try {
      const words = { cls, clause_code: clause.value(), text: text.value.trim(), demand: demand.value.trim() || null };
      if (edited) await review.catalogue.edit(edited.id, { ...words, version: edited.version }, key);
      else await review.catalogue.raise({ task_id: task.value || (tasks[0]?.id ?? ""), sheet_id: marks.length > 0 ? review.sheet.id : null, marks: [...marks], region: region(), ...words, late_reason: late.value || null }, key);
      form.dispatchEvent(new CustomEvent("draft:drop"));
      toast(edited ? t("意见已修改。", "The opinion is changed.") : t("意见已提出，可在“意见”栏查看编号。", "The opinion is raised; see its number in the list."), "green");
      done(true);
    } catch (error) {
      const problem = error instanceof Refusal ? error.problem : null;
      const fields = Object.entries(problem?.errors ?? {});
      for (const [name, messages] of fields) fieldError(name === "clause_code" ? "clause" : name, messages.join(" "));
      if (problem) fill(wrong, callout(problem.title, problem.next_step ?? ""));
      else sayRefusal(error);
    } finally {
      send.removeAttribute("aria-busy");
    }
  };

  queueMicrotask(() => (text.value === "" ? text : form.querySelector<HTMLElement>("input[name=cls]:checked") ?? text).focus({ preventScroll: true }));
  return form;
}

/** Notes on opinions like the one being written: sign theirs too, or bring the contrary before the meeting. */
function similarNotes(review: Review, duplicates: readonly number[], contradicts: readonly number[], done: (raised: boolean) => void): HTMLElement[] {
  const find = (no: number): OpinionRecord | undefined => review.catalogue.opinions.find((opinion) => opinion.no === no);
  const notes: HTMLElement[] = [];
  for (const no of duplicates) {
    const other = find(no);
    const own = review.catalogue.raisable[0];
    const join =
      other?.can.includes("join") && own
        ? button(t("联合署名", "Co-sign"), { class: "btn btn-small" }, () => {
            void review.catalogue.join(other.id, own.id).then(() => {
              toast(t("已与 #{no} 联合署名。", "Co-signed #{no}.", { no }), "green");
              done(true);
            }, sayRefusal);
          })
        : null;
    notes.push(h("div", { class: "callout callout-amber" }, icon("users"), h("div", {}, t("与 #{no} 内容相近：{text}", "Much like #{no}: {text}", { no, text: (other?.text ?? "").slice(0, 60) }), join ? h("div", {}, join) : null)));
  }
  for (const no of contradicts) {
    notes.push(h("div", { class: "callout callout-red" }, icon("triangle"), h("div", {}, t("与 #{no} 的要求相反：{text}。提出后会自动列为意见冲突，由牵头部门会办。", "Contrary to #{no}: {text}. Raised, it opens a conflict for the lead department.", { no, text: (find(no)?.text ?? "").slice(0, 60) }))));
  }
  return notes;
}

function callout(text: string, next = ""): HTMLElement {
  return h("div", { class: "callout callout-red" }, icon("triangle"), h("div", {}, text, next ? h("div", { class: "small" }, next) : null));
}

function taskLabel(task: TaskRecord): string {
  return [task.department.short_name ?? task.department.name, task.discipline?.name].filter(Boolean).join(" · ");
}

function classesOf(review: Review): readonly { code: string; name: string; needs_clause?: boolean; blocks?: boolean }[] {
  return review.catalogue.round?.classes ?? CLASSES;
}

function classCards(review: Review, chosen?: string): HTMLElement[] {
  return classesOf(review).map((cls) =>
    h(
      "label",
      { class: "class-card" },
      h("input", { type: "radio", name: "cls", value: cls.code, checked: cls.code === chosen }),
      h("span", {}, cls.name, cls.blocks ? h("small", {}, t("须修改", "must change")) : h("small", {}, t("不阻断", "does not block"))),
    ),
  );
}

/** A field that finds clauses by number, standard or words; arrow keys choose. */
function clausePicker(review: Review, onChosen: (clause: ClauseRecord) => void): { element: HTMLElement; value(): string | null; set(clause: ClauseRecord): void; focus(): void } {
  const list = h("ul", { class: "clause-list plain-list", role: "listbox", id: "clause-list", hidden: true });
  const code = h("input", { type: "hidden", name: "clause_code" });
  const input = h("input", {
    id: "opinion-clause",
    name: "clause",
    type: "text",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "clause-list",
    "aria-autocomplete": "list",
    autocomplete: "off",
    placeholder: t("搜编号或内容，例如 55037 疏散", "Search number or words, e.g. 55037 escape"),
  });
  let found: ClauseRecord[] = [];
  let active = -1;
  let timer = 0;
  let asking: AbortController | null = null;

  const close = (): void => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const check = h("p", { class: "hint", hidden: true }, t("条文编号待核，请对照标准原文。", "Check the number against the standard itself."));
  const set = (clause: ClauseRecord): void => {
    code.value = clause.code;
    input.value = `${clause.no} ${clause.title}`.trim();
    input.dataset["chosen"] = input.value;
    check.hidden = clause.certain !== false;
  };
  const choose = (clause: ClauseRecord): void => {
    set(clause);
    // "input" tells the draft keeper.
    code.dispatchEvent(new Event("input", { bubbles: true }));
    onChosen(clause);
    close();
  };
  const show = (): void => {
    fill(list);
    if (found.length === 0) list.append(h("li", { class: "muted small clause-none" }, t("没有找到条文", "No clause found")));
    found.forEach((clause, at) => {
      const row = h("li", { role: "option", id: `clause-${at}`, class: at === active ? "is-active" : "", "aria-selected": String(at === active) }, h("b", {}, clause.no), " ", clause.title, clause.topic ? h("small", {}, clause.topic) : null);
      row.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        choose(clause);
      });
      list.append(row);
    });
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", `clause-${active}`);
      list.children[active]?.scrollIntoView({ block: "nearest" });
    }
  };
  const search = async (): Promise<void> => {
    asking?.abort();
    asking = new AbortController();
    try {
      found = await review.catalogue.clauses(input.value.trim(), asking.signal);
      active = found.length > 0 ? 0 : -1;
      if (document.activeElement === input) show();
    } catch (error) {
      if ((error as Error).name !== "AbortError") close();
    }
  };
  input.addEventListener("input", () => {
    if (input.value !== input.dataset["chosen"]) code.value = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void search(), SEARCH_MS);
  });
  input.addEventListener("focus", () => {
    if (input.value === "") void search();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.max(1, found.length);
      show();
    } else if (event.key === "Enter" && found[active]) {
      event.preventDefault();
      choose(found[active]!);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  });
  const element = h(
    "div",
    { class: "field clause-field" },
    h("label", { for: "opinion-clause" }, t("条文", "Clause")),
    h("div", { class: "clause-box" }, input, list),
    code,
    check,
    h("p", { class: "error", id: "opinion-clause-error" }),
  );
  return { element, value: () => code.value || null, set, focus: () => input.focus() };
}
