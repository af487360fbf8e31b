/** Names of states, classes and conclusions, and short forms of time. */

import { english, t } from "../site/language";
import type { ClassRecord } from "./records";

export const CLASSES: readonly (ClassRecord & { short: string })[] = [
  { code: "MANDATORY", name: t("违反强制性条文", "Breach of mandatory clause"), short: t("强条", "Mandatory"), needs_clause: true, blocks: true },
  { code: "GENERAL", name: t("违反一般性条文", "Breach of general clause"), short: t("一般", "General"), needs_clause: true, blocks: true },
  { code: "DEPTH", name: t("设计深度不足", "Insufficient design depth"), short: t("深度", "Depth"), needs_clause: false, blocks: true },
  { code: "CONSISTENCY", name: t("专业间不一致", "Inconsistent between disciplines"), short: t("不一致", "Inconsistent"), needs_clause: false, blocks: true },
  { code: "PLANNING", name: t("与规划许可不符", "Differs from planning permit"), short: t("规划", "Planning"), needs_clause: false, blocks: true },
  { code: "SUGGESTION", name: t("建议", "Suggestion"), short: t("建议", "Suggestion"), needs_clause: false, blocks: false },
];

export function classShort(code: string): string {
  return CLASSES.find((cls) => cls.code === code)?.short ?? code;
}

export const CONCLUSIONS: readonly { code: string; name: string; text: string }[] = [
  { code: "agree", name: t("同意", "Agree"), text: t("本部门没有需要修改的意见", "Nothing that must be changed") },
  { code: "agree_with_conditions", name: t("同意，附条件", "Agree with conditions"), text: t("有建议或条件，不阻断办理", "Suggestions or conditions; nothing blocks") },
  { code: "revise", name: t("需修改", "Revise"), text: t("有必须修改的意见，列入合并告知书", "Changes are required and go into the merged notice") },
  { code: "disagree", name: t("不同意", "Disagree"), text: t("须写明理由", "A reason is required") },
  { code: "not_concerned", name: t("不涉及", "Not concerned"), text: t("本部门不涉及此项目", "The department is not concerned") },
];

const OPINION_STATES: Record<string, [string, string]> = {
  draft: [t("草拟", "Draft"), ""],
  signed: [t("已签署", "Signed"), "blue"],
  issued: [t("已告知", "Issued"), "amber"],
  answered: [t("已答复", "Answered"), "amber"],
  kept: [t("保留", "Kept"), "red"],
  closed: [t("已关闭", "Closed"), "green"],
  withdrawn: [t("已撤回", "Withdrawn"), ""],
  merged: [t("已并入", "Merged"), ""],
};

export function opinionState(state: string): { text: string; tone: string } {
  const [text, tone] = OPINION_STATES[state] ?? [state, ""];
  return { text, tone };
}

const TASK_STATES: Record<string, string> = {
  open: t("待认领", "Unclaimed"),
  claimed: t("审查中", "In review"),
  handed_over: t("待审批", "With approver"),
  signed: t("已签署", "Signed"),
  silent: t("逾期视为无意见", "Silent"),
};

export function taskState(state: string): string {
  return TASK_STATES[state] ?? state;
}

const MATCHES: Record<string, string> = {
  unchanged: t("新版图上此处没有改动", "This place is unchanged on the new revision"),
  changed: t("新版图上此处已改动，请复核", "This place was changed on the new revision; recheck it"),
  moved: t("新版图上此处内容已移动，请确认位置", "What was here has moved on the new revision; confirm the place"),
  gone: t("新版图上此处内容已删除，请复核", "What was here is gone on the new revision; recheck it"),
};

/** What a new revision did to an opinion's place. */
export function matchWords(verdict: string): string {
  return MATCHES[verdict] ?? verdict;
}

const SHEET_STATES: Record<string, [string, string]> = {
  draft: [t("未开始", "Not open"), ""],
  open: [t("审查中", "In review"), "blue"],
  frozen: [t("已冻结", "Frozen"), "stopped"],
  signed: [t("已定稿", "Final"), "green"],
};

export function sheetState(state: string): { text: string; tone: string } {
  const [text, tone] = SHEET_STATES[state] ?? [state, ""];
  return { text, tone };
}

const CHANGES: Record<string, [string, string]> = {
  new: [t("新", "New"), "●"],
  changed: [t("变", "Changed"), "▲"],
  identical: [t("同", "Same"), "="],
  gone: [t("删", "Gone"), "×"],
};

export function changeWords(change: string): { text: string; sign: string } {
  const [text, sign] = CHANGES[change] ?? [change, ""];
  return { text, sign };
}

const locale = english ? "en-GB" : "zh-CN";
/** The clock of the law is the same for everybody, wherever the browser stands; the pages of the server say the same. */
const timeZone = "Asia/Shanghai";
const sameDay = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone });
const otherDay = new Intl.DateTimeFormat(locale, { month: english ? "short" : "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium", timeZone });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeZone });

/** "14:05" today, "3/12 14:05" (English: "12 Mar, 14:05") on other days; empty for nothing. */
export function shortTime(at: string, today: Date = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return day.format(date) === day.format(today) ? sameDay.format(date) : otherDay.format(date);
}

export function fullTime(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : whole.format(date);
}
