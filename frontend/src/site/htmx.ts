/** htmx 2 with our headers and our way of saying refusals. */

import htmx from "htmx.org";
import { address, askForPassword, csrfToken, oneTimeKey, problemFrom, type Problem } from "./requests";
import { sayProblem, toast, type Tone } from "./toasts";

htmx.config.includeIndicatorStyles = false; // the content policy refuses inline styles
htmx.config.allowEval = false;
htmx.config.historyCacheSize = 0; // pages may hold personal data: nothing of them goes to localStorage
htmx.config.scrollBehavior = "auto";

interface ConfigRequest {
  verb: string;
  path: string;
  headers: Record<string, string>;
}

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<ConfigRequest>).detail;
  detail.path = address(detail.path);
  if (detail.verb === "get") return;
  detail.headers["X-CSRFToken"] = csrfToken();
  const element = event.target as Element;
  const field = element.closest("form")?.querySelector<HTMLInputElement>("input[name=idempotency_key]");
  detail.headers["Idempotency-Key"] = field?.value ?? oneTimeKey();
});

// An expired sign-in answers with the sign-in page: never swap it into the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>).detail;
  if (detail.xhr.responseURL.includes("/accounts/login")) {
    detail.shouldSwap = false;
    document.dispatchEvent(new CustomEvent("sign-in-needed"));
    return;
  }
  // A form with errors comes back as 422 and replaces itself.
  const html = detail.xhr.getResponseHeader("Content-Type")?.includes("text/html");
  if (detail.xhr.status === 422 && html && detail.xhr.response) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

// A form that was answered is a new act next time.
document.addEventListener("htmx:afterRequest", (event) => {
  const detail = (event as CustomEvent<{ successful: boolean; elt: Element; requestConfig: ConfigRequest }>).detail;
  if (!detail.successful || detail.requestConfig.verb === "get") return;
  const field = detail.elt.closest("form")?.querySelector<HTMLInputElement>("input[name=idempotency_key]");
  if (field) field.value = oneTimeKey();
});

// `HX-Trigger: {"refused": problem}`, written by ledger.answers.
document.addEventListener("refused", (event) => {
  const problem = (event as CustomEvent<Problem>).detail;
  if (problem.status === 401) {
    document.dispatchEvent(new CustomEvent("sign-in-needed"));
    return;
  }
  if (problem.code === "step_up_required") {
    const element = event.target as HTMLElement;
    void askForPassword(problem.title).then((given) => {
      if (!given || !element.isConnected) return;
      const form = element.closest("form");
      if (form?.hasAttribute("hx-post")) form.requestSubmit();
      else element.click();
    });
    return;
  }
  sayProblem(problem);
});

// `HX-Trigger: {"toast": {"text": …, "tone": "green"}}` from any view.
document.addEventListener("toast", (event) => {
  const { text, tone } = (event as CustomEvent<{ text: string; tone?: Tone }>).detail;
  toast(text, tone ?? "green");
});

document.addEventListener("htmx:sendError", () => sayProblem(problemFrom(0, "")));
document.addEventListener("htmx:responseError", (event) => {
  const xhr = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
  if (xhr.getResponseHeader("HX-Trigger")?.includes('"refused"')) return;
  sayProblem(problemFrom(xhr.status, xhr.responseText));
});

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;
