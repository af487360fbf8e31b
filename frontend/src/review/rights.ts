/** What this person may do with a mark, and if not, why, in plain words. The server decides; this only saves a refusal. */

import type { Mark } from "../realtime/marks";
import type { SheetState } from "../realtime/protocol";
import { t } from "../site/language";

export type Act = "create" | "edit" | "delete" | "restore" | "reply" | "resolve" | "reopen";

export interface Standing {
  person: number | null;
  dept: string | null;
  state: SheetState;
  /** Permissions of this sheet; null: not known yet, the server decides. */
  can: ReadonlySet<string> | null;
}

function nameOf(dept: string | null, names: (code: string) => string): string {
  return dept ? names(dept) : t("其作者", "its author");
}

/** Why the sheet as a whole takes no marks, or null. */
export function whyClosed(state: SheetState): string | null {
  switch (state) {
    case "draft":
      return t("审查轮次尚未开始，现在只能查看。", "The review round has not begun; you can only look.");
    case "frozen":
      return t("图幅已冻结（合并告知书已出具或已有新版本），不能再批注。", "The sheet is frozen (notice issued or a new revision exists); no more marks.");
    case "signed":
      return t("图幅已定稿，批注作为审查记录保留，不能再改。", "The sheet is final; its marks are kept as the record of review.");
    default:
      return null;
  }
}

/** Why this person may not do `act`, or null when he may. `names` gives a department's name for its code. */
export function whyNot(act: Act, mark: Mark | null, who: Standing, names: (code: string) => string): string | null {
  const closed = whyClosed(who.state);
  if (closed) return closed;
  if (who.can && !who.can.has(`annotation.${act}`)) {
    return act === "create"
      ? t("您的部门在本轮没有待办任务，可以查看，不能新增批注。", "Your department has no open task in this round: you can look, not mark.")
      : t("您在本轮没有此项权限。", "You do not have this permission in this round.");
  }
  if (!mark || act === "create") return null;
  if (act === "reply") return mark.deleted ? t("批注已删除，不能再回复。", "The mark is deleted; no more replies.") : null;
  const own = mark.dept === null || who.dept === null ? mark.dept === who.dept && mark.by === who.person : mark.dept === who.dept;
  if (!own) {
    return t("这是{dept}的批注，只有该部门能修改；您可以在下方回复。", "This mark belongs to {dept}; only they may change it. You can reply below.", {
      dept: nameOf(mark.dept, names),
    });
  }
  if (mark.cited) return t("已写入审查意见，批注作为依据保留，不能再改；如需更改请先撤回意见。", "An opinion cites this mark, so it stays as evidence; withdraw the opinion first.");
  if (mark.deleted && act !== "restore") return t("批注已删除，可先恢复。", "The mark is deleted; restore it first.");
  return null;
}

/** What a nack means, in plain words. */
export function refusalText(code: string): string {
  switch (code) {
    case "forbidden":
      return t("您在本轮没有此项权限，批注未保存。", "You do not have this permission in this round; nothing was saved.");
    case "frozen":
      return t("图幅已冻结，批注未保存。", "The sheet is frozen; nothing was saved.");
    case "cited":
      return t("批注已写入审查意见，不能再改。", "An opinion cites this mark; it cannot be changed.");
    case "stale":
      return t("同事刚改过这条批注。", "A colleague has just changed this mark.");
    case "deleted":
      return t("批注已被删除。", "The mark has been deleted.");
    case "exists":
      return t("同一编号的批注已存在，未重复保存。", "A mark with this id exists; it was not saved twice.");
    case "not_found":
      return t("批注已不在这张图上。", "The mark is no longer on this sheet.");
    case "not_owner":
      return t("这是其他部门的批注，只有该部门能修改。", "The mark belongs to another department; only they may change it.");
    default:
      return t("内容不符合要求，未保存。", "The content was not accepted; nothing was saved.");
  }
}
