/**
 * Saved drafts: `<form data-draft="project-new">` loses no text, not even when the sign-in has expired.
 *
 * Every change is written at once to this browser (under the person's name) and, a second later, to the server
 * (POST /drafts/ key, content). The form is filled again when it is opened and the draft is newer than what the page
 * shows. A submit that led to another page ends the draft; a page marked `data-keep-drafts` (sign-in, refusal) does not.
 * Passwords, files, one-time keys and fields marked `data-no-draft` are never kept.
 */

import { whenPresent } from "./enhance";
import { clockTime, t } from "./language";
import { ask } from "./requests";
import { toast } from "./toasts";

export type Content = Record<string, string[]>;

interface Kept {
  content: Content;
  at: number;
  /** The page whose form was sent with this content; its answer has not been seen yet. */
  submitted?: string;
}

const NEVER = new Set(["csrfmiddlewaretoken", "idempotency_key", "step_up_password"]);

function person(): string {
  return document.body.dataset["person"] ?? "";
}

function nameOf(key: string): string {
  return `draft:${person()}:${document.body.dataset["prefix"] ?? ""}:${key}`;
}

function readKept(name: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

function writeKept(name: string, kept: Kept): void {
  try {
    localStorage.setItem(name, JSON.stringify(kept));
  } catch {
    // The browser's store is full or closed; the server's copy still holds.
  }
}

function controlsOf(form: HTMLFormElement): (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[] {
  return [...form.elements].filter(
    (element): element is HTMLInputElement =>
      (element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement) &&
      element.name !== "" &&
      !NEVER.has(element.name) &&
      !["password", "file", "submit", "button"].includes(element.type) &&
      element.dataset["noDraft"] === undefined,
  );
}

/** What the form holds now: field name to its values. */
export function contentOf(form: HTMLFormElement): Content {
  const content: Content = {};
  for (const control of controlsOf(form)) {
    const values = (content[control.name] ??= []);
    if (control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type)) {
      if (control.checked) values.push(control.value);
    } else if (control instanceof HTMLSelectElement && control.multiple) {
      values.push(...[...control.selectedOptions].map((option) => option.value));
    } else values.push(control.value);
  }
  return content;
}

/** Put a draft back into the form; scripts hear it as `input` and `change` events. */
export function fill(form: HTMLFormElement, content: Content): void {
  const used = new Map<string, number>();
  for (const control of controlsOf(form)) {
    const values = content[control.name];
    if (!values) continue;
    if (control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type)) {
      control.checked = values.includes(control.value);
    } else if (control instanceof HTMLSelectElement && control.multiple) {
      for (const option of control.options) option.selected = values.includes(option.value);
    } else {
      const at = used.get(control.name) ?? 0;
      used.set(control.name, at + 1);
      const value = values[at];
      if (value === undefined) continue;
      control.value = value;
    }
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** Is there anything a person wrote? */
export function isEmpty(content: Content): boolean {
  return Object.values(content).every((values) => values.every((value) => value.trim() === ""));
}

function noteOf(form: HTMLFormElement): HTMLElement {
  const existing = form.querySelector<HTMLElement>("[data-draft-note]");
  if (existing) return existing;
  const note = document.createElement("span");
  note.dataset["draftNote"] = "";
  note.className = "draft-note";
  note.setAttribute("role", "status");
  (form.querySelector(".form-actions") ?? form).append(note);
  return note;
}

async function fromServer(key: string): Promise<Kept | null> {
  try {
    const answer = await ask<{ content: Content | null; saved_at: string | null }>(
      `/drafts/?key=${encodeURIComponent(key)}`,
    );
    if (!answer.content || !answer.saved_at) return null;
    return { content: answer.content, at: Date.parse(answer.saved_at) };
  } catch {
    return null;
  }
}

whenPresent<HTMLFormElement>("form[data-draft]", (form) => {
  const key = form.dataset["draft"] ?? "";
  if (!key || !person()) return;
  const name = nameOf(key);
  const note = noteOf(form);
  const shown = JSON.stringify(contentOf(form));
  // A page that came back with the person's own values and errors needs no filling.
  const cameBack = form.querySelector(".field-invalid, [aria-invalid=true]") !== null || "filled" in form.dataset;
  let timer = 0;
  let last = shown;

  const save = (): void => {
    const content = contentOf(form);
    const text = JSON.stringify(content);
    if (text === last) return;
    last = text;
    writeKept(name, { content, at: Date.now() });
    note.textContent = t("正在保存草稿…", "Saving draft…");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(content), 1000);
  };

  const send = async (content: Content): Promise<void> => {
    try {
      await ask("/drafts/", {
        method: "POST",
        body: new URLSearchParams({ key, content: isEmpty(content) ? "" : JSON.stringify(content) }),
      });
      note.textContent = t("草稿已保存 {time}", "Draft saved {time}", { time: clockTime(new Date()) });
    } catch {
      note.textContent = t("草稿已存在本机，联网或重新登录后续传", "Draft kept on this device; it is sent once you are back online");
    }
  };

  form.addEventListener("input", save);
  form.addEventListener("change", save);
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    const content = contentOf(form);
    if (!isEmpty(content)) writeKept(name, { content, at: Date.now(), submitted: location.pathname });
  });
  form.addEventListener("draft:drop", () => {
    window.clearTimeout(timer);
    dropDraft(key);
  });

  settleSubmitted();
  const local = readKept(name);
  void (async () => {
    const server = cameBack ? null : await fromServer(key);
    const newest = !local || (server && server.at > local.at) ? server : local;
    if (cameBack || !newest || isEmpty(newest.content) || JSON.stringify(newest.content) === shown) return;
    if (JSON.stringify(contentOf(form)) !== shown) return; // already typing
    fill(form, newest.content);
    last = JSON.stringify(contentOf(form));
    note.textContent = t("已恢复 {time} 的草稿", "Draft of {time} restored", { time: clockTime(new Date(newest.at)) });
    toast(
      t("已恢复上次没有提交的内容。这只是草稿，尚未申报。", "Your unsent text is back. It is a draft, not yet filed."),
      "blue",
      {
        undo: () => {
          fill(form, JSON.parse(shown) as Content);
          last = "";
          save();
          dropDraft(key);
        },
      },
    );
  })();
});

/** The draft has served: forget it here and on the server. */
export function dropDraft(key: string): void {
  localStorage.removeItem(nameOf(key));
  void ask("/drafts/", { method: "POST", body: new URLSearchParams({ key, content: "" }), keepalive: true }).catch(
    () => undefined,
  );
}

let settled = false;

/**
 * Decide once per page what became of the forms that were sent. This page answers one when it was reached from the
 * form's page (its address is the referrer) and is neither the sign-in page nor a refusal: then the draft has served.
 * Otherwise (sign-in expired, server refused, network gone) the draft stays and fills the form again.
 */
function settleSubmitted(): void {
  if (settled) return;
  settled = true;
  const refused =
    document.body.dataset["keepDrafts"] !== undefined ||
    document.querySelector("form[data-draft] :is(.field-invalid, [aria-invalid=true])") !== null;
  const cameFrom = document.referrer.startsWith(location.origin) ? new URL(document.referrer).pathname : "";
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith("draft:"))) {
    const kept = readKept(name);
    if (!kept?.submitted) continue;
    if (!refused && kept.submitted === cameFrom && person() && name.startsWith(nameOf(""))) {
      dropDraft(name.slice(nameOf("").length));
    } else writeKept(name, { content: kept.content, at: kept.at });
  }
}

document.addEventListener("DOMContentLoaded", settleSubmitted);

// Signing out by oneself clears what this browser keeps; an expired sign-in does not.
document.addEventListener("submit", (event) => {
  if (!(event.target as Element).matches("form[data-sign-out]")) return;
  for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);
});
