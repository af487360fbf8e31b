/** What stands over the canvas: why it is closed or shut to this person, and calls of others to look at a place. */

import { t } from "../site/language";
import { button, fill, h } from "./dom";
import { icon } from "./icons";
import { deptChip, iconButton } from "./pieces";
import type { Review } from "./review";
import { whyClosed } from "./rights";
import { quick, type Stage } from "./stage";
import { stopText } from "./topbar";

const CALL_SHOWN_MS = 20_000;

/** One line that says why nothing can be written here, kept up to date; empty while all is well. */
export function canvasNotice(review: Review): HTMLElement {
  const notice = h("div", { class: "canvas-notice", role: "status" });
  review.signals.on("status", () => {
    const { room } = review;
    if (room.isShut) {
      fill(notice, h("div", { class: "callout" }, icon("eye"), h("div", {}, t("批注只对参加会审的部门开放；您可以查看图纸和测量。", "Marks are open to the departments on the round; you can look at the drawing and measure."))));
      return;
    }
    if (room.link === "stopped" && room.stopCode === 4403) {
      fill(notice, reasonForm(review));
      return;
    }
    if (room.link === "stopped") {
      fill(
        notice,
        h(
          "div",
          { class: "callout callout-red" },
          icon("octagon"),
          h("div", {}, stopText(room.stopCode)),
          room.stopCode === 4401 ? h("a", { class: "btn btn-small", href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}` }, t("重新登录", "Sign in")) : button(t("刷新", "Reload"), { class: "btn btn-small" }, () => location.reload()),
        ),
      );
      return;
    }
    const why = room.link === "connecting" ? null : whyClosed(room.log.state);
    if (why) fill(notice, h("div", { class: `callout callout-${room.log.state === "frozen" ? "stopped" : ""}` }, icon("lock"), h("div", {}, why)));
    else fill(notice);
  });
  return notice;
}

/** A supervisor says why he looks; anybody else learns that the room is shut to him. */
function reasonForm(review: Review): HTMLElement {
  const input = h("input", { type: "text", minlength: 4, maxlength: 400, required: true, "aria-label": t("查看事由", "Reason"), placeholder: t("查看事由，至少 4 个字", "Reason, at least 4 characters") });
  const form = h(
    "form",
    { class: "callout callout-amber reason-form" },
    icon("lock"),
    h(
      "div",
      {},
      h("p", {}, t("您不在本轮会审的部门之列。监察人员请写明查看事由，事由会记入审计。", "You are not in a department of this round. Supervisors: say why you look; the reason is recorded.")),
      h("div", { class: "row" }, input, button(t("进入", "Enter"), { class: "btn btn-small", type: "submit" }, () => undefined)),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim().length >= 4) void review.room.restart(input.value.trim());
  });
  return form;
}

/** The newest call of somebody to look where he is; gone after a while. */
export function callNotes(review: Review, stage: Stage): HTMLElement {
  const calls = h("div", { class: "call-notes", role: "status" });
  review.together.onCall = (person) => {
    const view = person.view;
    if (!view) return;
    const note = h("div", { class: "call-note", "data-color": review.directory.department(person.dept)?.color ?? null });
    const go = (): void => {
      stage.view.animate({ center: [view[0], view[1]], resolution: view[2], rotation: view[3], duration: quick(260) });
      note.remove();
    };
    note.append(deptChip(review.directory, person.dept), h("span", {}, t("{name} 请您看这里", "{name} asks you to look", { name: person.name })), button(t("前往", "Go there"), { class: "btn btn-small btn-primary" }, go), iconButton("close", t("关闭提示", "Dismiss"), () => note.remove(), { class: "btn btn-quiet btn-icon btn-small" }, 14));
    calls.replaceChildren(note);
    setTimeout(() => note.remove(), CALL_SHOWN_MS);
  };
  return calls;
}
