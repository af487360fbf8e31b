/** Short messages that float: what happened and, when refused, what to do next. Errors stay until closed. */

import { t } from "./language";
import { Refusal, problemFrom, type Problem } from "./requests";

export type Tone = "blue" | "green" | "amber" | "red";

function place(): HTMLElement {
  const existing = document.querySelector<HTMLElement>("#toasts");
  if (existing) return existing;
  const made = document.createElement("div");
  made.id = "toasts";
  made.className = "toasts";
  document.body.append(made);
  return made;
}

/** Show a message; `undo` adds a button. Returns a function that takes it away. */
export function toast(text: string, tone: Tone = "blue", more: { next?: string; undo?: () => void } = {}): () => void {
  const box = document.createElement("div");
  box.className = `toast toast-${tone}`;
  box.setAttribute("role", tone === "red" ? "alert" : "status");
  const words = document.createElement("div");
  words.append(text);
  if (more.next) {
    const next = document.createElement("span");
    next.className = "toast-next";
    next.textContent = more.next;
    words.append(next);
  }
  box.append(words);
  const remove = (): void => box.remove();
  if (more.undo) {
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "btn btn-quiet btn-small";
    undo.textContent = t("撤销", "Undo");
    undo.addEventListener("click", () => {
      more.undo?.();
      remove();
    });
    box.append(undo);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet btn-small btn-icon";
  close.setAttribute("aria-label", t("关闭提示", "Dismiss"));
  close.textContent = "×";
  close.addEventListener("click", remove);
  box.append(close);
  place().append(box);
  if (tone !== "red") {
    let timer = window.setTimeout(remove, more.undo ? 10_000 : 6_000);
    const hold = (): void => window.clearTimeout(timer);
    box.addEventListener("pointerenter", hold);
    box.addEventListener("focusin", hold);
    box.addEventListener("pointerleave", () => (timer = window.setTimeout(remove, 3_000)));
  }
  return remove;
}

/** Say a refusal: from our API, from htmx, or an unexpected error (which is also logged). */
export function sayRefusal(cause: unknown): void {
  if (cause instanceof Refusal) {
    sayProblem(cause.problem);
    return;
  }
  console.error(cause);
  sayProblem(problemFrom(500, ""));
}

/** Say problem details. */
export function sayProblem(problem: Problem): void {
  toast(problem.title, problem.status === 409 ? "amber" : "red", problem.next_step ? { next: problem.next_step } : {});
}
