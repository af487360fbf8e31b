/** Forms: busy button while sending, focus on the error summary, `data-explain` texts, print buttons. */

import { whenPresent } from "./enhance";

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method === "dialog") return;
  const button = (event.submitter ?? form.querySelector("[type=submit]")) as HTMLButtonElement | null;
  // Not `disabled`: the button's own name and value must still be sent. The one-time key stops the second click.
  if (form.dataset["sending"]) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
  form.dataset["sending"] = "yes";
  button?.setAttribute("aria-busy", "true");
});

// Back from the next page: the form must be usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sending]")) {
    delete form.dataset["sending"];
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

whenPresent<HTMLElement>(".error-summary", (summary) => {
  summary.tabIndex = -1;
  summary.focus();
});

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-print]")) window.print();
  const explained = target.closest<HTMLElement>("[data-explain]");
  if (explained) {
    const place = document.getElementById(explained.dataset["explainIn"] ?? "");
    if (place) place.textContent = explained.dataset["explain"] ?? "";
    for (const other of explained.parentElement?.parentElement?.querySelectorAll("[aria-pressed=true]") ?? [])
      other.setAttribute("aria-pressed", "false");
    if (explained.tagName === "BUTTON") explained.setAttribute("aria-pressed", "true");
  }
});

// `<select data-submit>` and `<input data-submit>` send their form at once.
document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement;
  if (control.matches?.("[data-submit]")) control.form?.requestSubmit();
});
