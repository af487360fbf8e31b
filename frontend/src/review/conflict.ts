/** Two people of one department wrote the same mark: yours and theirs side by side, the person chooses. */

import { t } from "../site/language";
import { button, h } from "./dom";
import { dialog } from "./pieces";
import type { Conflict, Review } from "./review";
import { shortTime } from "./words";

function textOf(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : t("（无文字）", "(no text)");
}

/** Opens the choice. Closing it without one keeps theirs, and yours as a draft. */
export function askYoursOrTheirs(review: Review, conflict: Conflict): void {
  const { mine, theirs } = conflict;
  const gone = theirs.deleted;
  // Not the mark's author: whoever changed it last.
  const change = review.lastChange.get(theirs.obj);
  const name = change ? review.directory.personName(change.by) : t("同事", "Colleague");
  let chosen = false;
  const made = dialog(
    t("同事刚改过这条批注", "A colleague has just changed this mark"),
    (close) => {
      const keep = button(t("用我的", "Keep mine"), { class: "btn btn-primary" }, () => {
        chosen = true;
        review.keepMine(conflict);
        close();
      });
      keep.disabled = gone;
      const changes: string[] = [];
      if ("geom" in mine) changes.push(t("图形", "shape"));
      if ("style" in mine) changes.push(t("样式", "style"));
      return {
        body: [
          h(
            "div",
            { class: "yours-theirs" },
            h("section", {}, h("h3", {}, t("您的", "Yours")), h("p", { class: "version-text" }, "text" in mine ? textOf(mine["text"]) : t("（文字未改）", "(text not changed)")), changes.length > 0 ? h("p", { class: "small muted" }, t("另改了：{what}", "Also changed: {what}", { what: changes.join(t("、", ", ")) })) : null),
            h("section", {}, h("h3", {}, t("{name} 的", "{name}'s", { name })), h("p", { class: "version-text" }, gone ? t("（已删除）", "(deleted)") : textOf(theirs.p["text"])), h("p", { class: "small muted" }, t("第 {ver} 版 {at}", "version {ver} {at}", { ver: theirs.ver, at: change ? shortTime(change.at) : "" }))),
          ),
          h("p", { class: "muted small" }, t("不会自动合并。用对方的，您的文字会留作草稿。", "Nothing is merged by itself. If you keep theirs, your text stays as a draft.")),
        ],
        foot: [button(t("用对方的", "Keep theirs"), { class: "btn" }, close), keep],
      };
    },
  );
  made.addEventListener("close", () => {
    if (!chosen && typeof mine["text"] === "string" && mine["text"] !== "") void review.keepDraft(theirs.obj, mine["text"], "stale");
  });
}
