/** Requests to our own server: mandate prefix, CSRF, one-time keys, refusals in plain words, step-up. */

import { t } from "./language";

/** RFC 9457 problem details as ledger.errors writes them. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  next_step?: string;
  errors?: Record<string, string[]>;
}

/** The server said no. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

/** `/as/<mandate>` while an agent acts under a mandate, else "". */
export function prefix(): string {
  return document.body?.dataset["prefix"] ?? "";
}

/** An address of ours with the mandate prefix, once. */
export function address(path: string): string {
  const before = prefix();
  return before && path.startsWith("/") && !path.startsWith("/as/") && !path.startsWith("/static/")
    ? before + path
    : path;
}

/** The CSRF token of the cookie, else of the page. */
export function csrfToken(): string {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** A random UUID; `crypto.randomUUID` is missing on plain-http intranet hosts. */
export function oneTimeKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The headers every request of ours carries. */
export function ownHeaders(method: string, key = oneTimeKey()): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (!["GET", "HEAD"].includes(method)) {
    headers["X-CSRFToken"] = csrfToken();
    headers["Idempotency-Key"] = key;
  }
  return headers;
}

/** The problem in an answer, or one made from its status when the body is something else. */
export function problemFrom(status: number, body: string): Problem {
  try {
    const problem = JSON.parse(body) as Partial<Problem> & { detail?: unknown };
    if (typeof problem.title === "string") return { status, code: "refused", ...problem, title: problem.title };
  } catch {
    // not JSON: a proxy or a plain error page answered
  }
  if (status === 0)
    return {
      status,
      code: "offline",
      title: t("无法连接服务器，内容还在本页。", "The server cannot be reached. Your text is still on this page."),
      next_step: t("请检查网络后重试。", "Check the network and try again."),
    };
  return {
    status,
    code: `http_${status}`,
    title: t("服务器未能完成请求（{status}）。", "The server could not complete the request ({status}).", { status }),
    next_step: t("请稍后重试；若反复出现，请联系系统管理员。", "Try again shortly; if it persists, contact the administrator."),
  };
}

export interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** An object is sent as JSON; FormData and URLSearchParams as they are. */
  body?: unknown;
  /** Reuse one key when the same act is sent again. */
  key?: string;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/**
 * Ask our server and read JSON. Throws `Refusal`. Asks for the password when an act needs a fresh factor, then
 * sends the same act again with the same key. An expired sign-in raises the `sign-in-needed` event.
 */
export async function ask<T>(path: string, options: Options = {}): Promise<T> {
  const method = options.method ?? (options.body === undefined ? "GET" : "POST");
  const headers = ownHeaders(method, options.key ?? oneTimeKey());
  const raw = options.body instanceof FormData || options.body instanceof URLSearchParams;
  if (options.body !== undefined && !raw) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.body !== undefined) init.body = raw ? (options.body as BodyInit) : JSON.stringify(options.body);
  if (options.signal) init.signal = options.signal;
  if (options.keepalive) init.keepalive = true;
  for (;;) {
    let response: Response;
    try {
      response = await fetch(address(path), init);
    } catch (error) {
      if ((error as Error).name === "AbortError") throw error;
      throw new Refusal(problemFrom(0, ""));
    }
    if (response.redirected && new URL(response.url).pathname.includes("/accounts/login")) {
      announceSignIn();
      throw new Refusal({ status: 401, code: "sign_in_required", title: t("登录已过期。", "Your sign-in has expired.") });
    }
    if (response.ok) {
      if (response.status === 204) return undefined as T;
      return (await response.json()) as T;
    }
    const problem = problemFrom(response.status, await response.text());
    if (problem.status === 401) announceSignIn();
    if (problem.code === "step_up_required" && (await askForPassword(problem.title))) continue;
    throw new Refusal(problem);
  }
}

function announceSignIn(): void {
  document.dispatchEvent(new CustomEvent("sign-in-needed"));
}

let asking: Promise<boolean> | null = null;

/** Ask for the password again (二次认证); true once the server took it, false when the person declined. */
export function askForPassword(reason: string): Promise<boolean> {
  asking ??= showPasswordDialog(reason).finally(() => {
    asking = null;
  });
  return asking;
}

function showPasswordDialog(reason: string): Promise<boolean> {
  const template = document.querySelector<HTMLTemplateElement>("#step-up-template");
  if (!template) return Promise.resolve(false);
  const dialog = (template.content.cloneNode(true) as DocumentFragment).querySelector("dialog");
  if (!dialog) return Promise.resolve(false);
  document.body.append(dialog);
  const form = dialog.querySelector("form")!;
  const input = dialog.querySelector<HTMLInputElement>("input[type=password]")!;
  const error = dialog.querySelector<HTMLElement>(".error")!;
  const button = dialog.querySelector<HTMLButtonElement>("[type=submit]")!;
  dialog.querySelector("[data-reason]")!.textContent = reason;
  return new Promise((resolve) => {
    let given = false;
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(given);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.setAttribute("aria-busy", "true");
      error.textContent = "";
      void fetch(address("/step-up/"), {
        method: "POST",
        headers: ownHeaders("POST"),
        body: new URLSearchParams({ password: input.value }),
        credentials: "same-origin",
      })
        .then(async (response) => {
          if (response.ok) {
            given = true;
            dialog.close();
            return;
          }
          const problem = problemFrom(response.status, await response.text());
          error.textContent = problem.title;
          input.setAttribute("aria-invalid", "true");
          input.select();
        })
        .catch(() => {
          error.textContent = problemFrom(0, "").title;
        })
        .finally(() => button.removeAttribute("aria-busy"));
    });
    dialog.showModal();
    input.focus();
  });
}
