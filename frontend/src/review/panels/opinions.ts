/** Right panel, "意见": the opinions of the round in step with the canvas, own tasks with their signature, filters. */

import { t } from "../../site/language";
import { sayRefusal } from "../../site/toasts";
import { sheetPage } from "../config";
import { button, h, rebuild } from "../dom";
import { icon } from "../icons";
import { badge, closeButton, deptChip, dialog, empty, filterChip } from "../pieces";
import type { OpinionRecord, TaskRecord } from "../records";
import type { Review } from "../review";
import { classShort, CONCLUSIONS, matchWords, opinionState, taskState } from "../words";

export interface OpinionsPanelOwner {
  /** Shows an opinion's region and marks on the canvas. */
  show(opinion: OpinionRecord): void;
  raise(): void;
  edit(opinion: OpinionRecord): void;
  sign(task: TaskRecord): void;
}

type Which = "all" | "sheet" | "mine" | "blocking";

const WHICH: readonly [Which, string][] = [
  ["all", t("全部", "All")],
  ["sheet", t("本图", "This sheet")],
  ["mine", t("本部门", "My department")],
  ["blocking", t("须修改", "Must change")],
];

export function opinionsPanel(review: Review, owner: OpinionsPanelOwner): { element: HTMLElement; show(): void } {
  const { catalogue } = review;
  let which: Which = "all";
  let current: string | null = null;
  const chips = h("div", { class: "chip-row", role: "group", "aria-label": t("筛选意见", "Filter opinions") });
  const tasks = h("div", { class: "task-list" });
  const list = h("div", { class: "opinion-list" });
  const raise = button([icon("plus"), t("提意见", "Raise an opinion"), h("kbd", {}, "Enter")], { class: "btn btn-primary btn-block raise-button" }, () => owner.raise());
  const element = h("div", { class: "panel-body opinions-panel" }, tasks, h("div", { class: "panel-tools" }, chips, raise), list);

  const passes = (opinion: OpinionRecord): boolean => {
    if (opinion.state === "withdrawn" || opinion.state === "merged") return false;
    if (which === "sheet") return opinion.sheet_id === review.sheet.id;
    if (which === "mine") return opinion.mine || opinion.department.code === review.config.me.dept;
    return which === "all" || opinion.blocking;
  };

  const show = (): void => {
    rebuild(
      chips,
      WHICH.map(([name, label]) =>
        filterChip(label, which === name, () => {
          which = name;
          show();
        }, { "data-key": name }),
      ),
    );
    raise.hidden = catalogue.raisable.length === 0;
    rebuild(tasks, catalogue.mine.map((task) => taskCard(review, task, owner)));
    const opinions = catalogue.opinions.filter(passes).sort((a, b) => a.no - b.no);
    if (!catalogue.loaded && !catalogue.failed) {
      rebuild(list, [h("div", { class: "panel-wait" }, h("span", { class: "skeleton skeleton-line" }), h("span", { class: "skeleton skeleton-line short" }))]);
      return;
    }
    if (catalogue.isShut) {
      rebuild(list, [empty("lock", t("意见尚未告知", "Opinions are not issued yet"), t("审查意见在合并告知书出具后可在项目页查看。", "Opinions can be read on the project page once the merged notice is issued."))]);
      return;
    }
    if (catalogue.failed && !catalogue.loaded) {
      rebuild(list, [empty("cloudOff", t("意见暂时读不到", "Opinions cannot be read now"), t("批注不受影响。", "Marks are not affected."), button(t("重试", "Try again"), { class: "btn btn-small" }, () => void catalogue.refresh()))]);
      return;
    }
    if (opinions.length === 0) {
      rebuild(list, [
        which === "all"
          ? empty("opinion", t("还没有审查意见", "No opinions yet"), catalogue.hasRound ? t("先在图上画批注，选中后按回车提成意见；意见编号后进入合并告知书。", "Draw a mark, select it and press Enter to raise it; numbered opinions go into the merged notice.") : t("这张图还没有进入审查轮次。", "This sheet is not in a review round yet."))
          : empty("search", t("没有符合条件的意见", "No opinion matches"), t("换个条件再看。", "Try another filter.")),
      ]);
      return;
    }
    rebuild(list, opinions.map((opinion) => opinionRow(review, opinion, owner, opinion.id === current)));
  };

  review.signals.on(["opinions", "round", "status"], show);
  review.signals.on("selection", () => {
    const [obj] = review.selection;
    const opinion = obj ? catalogue.opinionOfMark(obj) : null;
    if ((opinion?.id ?? null) === current) return;
    current = opinion?.id ?? null;
    show();
    if (current) list.querySelector(`[data-key="${CSS.escape(current)}"]`)?.scrollIntoView({ block: "nearest" });
  });
  show();
  return { element, show };
}

function taskCard(review: Review, task: TaskRecord, owner: OpinionsPanelOwner): HTMLElement {
  const acts: Node[] = [];
  const move = (act: "claim" | "hand-over" | "take-back", label: string, tone: string): void => {
    acts.push(button(label, { class: `btn btn-small${tone}`, "data-role": act }, (event) => void during(event.currentTarget as HTMLElement, review.catalogue.moveTask(task.id, act))));
  };
  if (task.can.includes("claim")) move("claim", t("认领", "Claim"), " btn-primary");
  if (task.can.includes("hand_over")) move("hand-over", t("送审批", "Hand over"), "");
  if (task.can.includes("take_back")) move("take-back", t("退回初审", "Take back"), " btn-quiet");
  const now = (): TaskRecord => review.catalogue.mine.find((one) => one.id === task.id) ?? task;
  if (task.can.includes("sign")) acts.push(button([icon("sign"), t("签署结论", "Sign")], { class: "btn btn-small", "data-role": "sign" }, () => owner.sign(now())));
  const conclusion = CONCLUSIONS.find((one) => one.code === task.conclusion)?.name;
  return h(
    "section",
    { class: "task-card", "data-key": task.id, "data-color": task.department.color },
    h(
      "div",
      { class: "task-card-text" },
      h("strong", {}, t("我的任务", "My task"), task.discipline ? ` · ${task.discipline.name}` : ""),
      h("span", { class: "small muted" }, [task.state_label ?? taskState(task.state), conclusion, task.people.map((person) => person.name).join(t("、", ", "))].filter(Boolean).join(" · ")),
    ),
    h("div", { class: "row" }, ...acts),
  );
}

/** Keeps a button busy while its act is on the way, and says a refusal. */
async function during(control: HTMLElement, act: Promise<void>): Promise<void> {
  control.setAttribute("aria-busy", "true");
  try {
    await act;
  } catch (error) {
    sayRefusal(error);
  } finally {
    control.removeAttribute("aria-busy");
  }
}

function opinionRow(review: Review, opinion: OpinionRecord, owner: OpinionsPanelOwner, current: boolean): HTMLElement {
  const { directory } = review;
  // The row outlives this record: what is done with it starts from the newest one.
  const now = (): OpinionRecord => review.catalogue.opinions.find((one) => one.id === opinion.id) ?? opinion;
  const state = opinionState(opinion.state);
  const here = opinion.sheet_id === review.sheet.id;
  const elsewhere = !here && opinion.sheet_id ? review.catalogue.round?.sheets.find((sheet) => sheet.id === opinion.sheet_id) : undefined;
  const demand = opinion.demand_label ?? "";
  const others = (opinion.authors ?? []).slice(1);
  const words: Node[] = [h("span", { class: "opinion-words" }, opinion.text)];
  const text = here
    ? button(words, { class: "opinion-open", "data-role": "open", title: t("在图上显示", "Show on the drawing") }, () => owner.show(now()))
    : elsewhere
      ? h("a", { class: "opinion-open", href: `${sheetPage(elsewhere.id)}#opinion-${opinion.id}` }, ...words, h("span", { class: "small muted" }, t("在 {sheet}", "on {sheet}", { sheet: `${elsewhere.number} ${elsewhere.name}` })))
      : h("div", { class: "opinion-open" }, ...words);
  const acts: Node[] = [];
  if (opinion.can.includes("recheck")) {
    acts.push(button([icon("check"), t("采纳关闭", "Accept")], { class: "btn btn-small btn-primary", "data-role": "accept" }, () => recheck(review, now(), "accept")));
    acts.push(button(t("部分采纳", "Partly"), { class: "btn btn-small", "data-role": "partly" }, () => recheck(review, now(), "partly")));
    acts.push(button(t("保留", "Keep"), { class: "btn btn-small", "data-role": "keep" }, () => recheck(review, now(), "keep")));
  }
  const joining = opinion.can.includes("join") ? review.catalogue.raisable[0] : undefined;
  if (opinion.can.includes("edit")) acts.push(button([icon("freehand"), t("修改", "Edit")], { class: "btn btn-small", "data-role": "edit" }, () => owner.edit(now())));
  if (joining) acts.push(button([icon("users"), t("联合署名", "Co-sign")], { class: "btn btn-small", "data-role": "join", title: t("本部门也持此意见，与原部门一并署名", "Your department holds the same opinion and signs it too") }, (event) => void during(event.currentTarget as HTMLElement, review.catalogue.join(opinion.id, joining.id))));
  if (opinion.can.includes("confirm") && opinion.match && !opinion.match.certain) acts.push(button([icon("check"), t("位置无误", "Place is right")], { class: "btn btn-small", "data-role": "confirm" }, (event) => void during(event.currentTarget as HTMLElement, review.catalogue.confirmPlace(opinion.id))));
  if (opinion.can.includes("withdraw")) acts.push(button(t("撤回", "Withdraw"), { class: "btn btn-small btn-quiet", "data-role": "withdraw" }, (event) => void during(event.currentTarget as HTMLElement, review.catalogue.withdraw(opinion.id))));
  return h(
    "article",
    { class: `opinion-row${current ? " selected" : ""}`, id: `opinion-${opinion.id}`, "data-key": opinion.id, "data-color": opinion.department.color, "aria-current": current ? "true" : null },
    h("span", { class: "opinion-no num" }, `#${opinion.no}`),
    h(
      "div",
      { class: "opinion-meta" },
      deptChip(directory, opinion.department.code, true),
      ...others.map((department) => deptChip(directory, department.code)),
      opinion.discipline ? h("span", {}, opinion.discipline.name) : null,
      opinion.blocking ? badge(opinion.cls_label ?? classShort(opinion.cls), "red", "octagon") : badge(opinion.cls_label ?? classShort(opinion.cls)),
    ),
    badge(opinion.state_label ?? state.text, state.tone),
    h(
      "div",
      { class: "opinion-text" },
      text,
      opinion.clause ? h("div", { class: "opinion-clause" }, icon("quote", 14), ` ${opinion.clause.no} ${opinion.clause.title}`) : null,
      demand ? h("div", { class: "opinion-clause" }, t("要求：{demand}", "Demand: {demand}", { demand })) : null,
      opinion.author ? h("div", { class: "opinion-clause" }, t("提出人：{name}", "By {name}", { name: opinion.author.name })) : null,
      opinion.match ? h("div", { class: "opinion-clause opinion-match" }, icon(opinion.match.certain ? "check" : "triangle", 14), ` ${matchWords(opinion.match.verdict)}`) : null,
    ),
    ...opinion.replies.map((reply) => h("div", { class: "reply" }, h("span", { class: "small muted" }, [reply.by, reply.kind_label].filter(Boolean).join(" · ")), h("div", {}, reply.text))),
    acts.length > 0 ? h("div", { class: "row opinion-acts" }, ...acts) : null,
  );
}

function recheck(review: Review, opinion: OpinionRecord, result: "accept" | "keep" | "partly"): void {
  const title = { accept: t("采纳并关闭意见 #{no}", "Accept and close #{no}", { no: opinion.no }), keep: t("保留意见 #{no}", "Keep #{no}", { no: opinion.no }), partly: t("部分采纳意见 #{no}", "Accept #{no} in part", { no: opinion.no }) }[result];
  const text = h("textarea", { rows: 3, id: "recheck-text", maxlength: 2000, required: result !== "accept" });
  dialog(title, (close) => ({
    body: [
      h("p", { class: "version-text" }, opinion.text),
      h("div", { class: "field" }, h("label", { for: "recheck-text" }, result === "accept" ? t("复核说明（可不填）", "Remark (optional)") : t("还差什么（写给申请人）", "What is still missing (for the applicant)")), text),
    ],
    foot: [
      closeButton(close),
      button(t("确定", "Confirm"), { class: "btn btn-primary" }, (event) => {
        if (result !== "accept" && text.value.trim() === "") {
          text.setAttribute("aria-invalid", "true");
          text.focus();
          return;
        }
        void during(event.currentTarget as HTMLElement, review.catalogue.recheck(opinion.id, result, text.value.trim()).then(close));
      }),
    ],
  }));
}
