/**
 * Dialogs and drawers are <dialog> elements. `data-open="id"` opens one, `data-close` inside closes it.
 * A click on the backdrop closes a drawer, never a dialog that holds a form.
 */

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-open]");
  if (opener && !opener.matches(":disabled, [aria-disabled=true]")) {
    const dialog = document.getElementById(opener.dataset["open"] ?? "");
    if (dialog instanceof HTMLDialogElement && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
      dialog.querySelector<HTMLElement>("[autofocus]")?.focus();
    }
    return;
  }
  const closer = target.closest<HTMLElement>("[data-close]");
  if (closer) {
    closer.closest("dialog")?.close();
    return;
  }
  if (target instanceof HTMLDialogElement && target.open) {
    const box = target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    const holdsText = target.querySelector("form :is(textarea, input:not([type=hidden]))") !== null;
    if (!inside && (target.classList.contains("drawer") || !holdsText)) target.close();
  }
});

// An htmx answer may be a dialog or a drawer: it opens as it arrives and leaves the page when closed.
document.addEventListener("htmx:load", (event) => {
  const arrived = event.target as Element;
  const dialog = arrived.matches("dialog[data-show]") ? arrived : arrived.querySelector("dialog[data-show]");
  if (dialog instanceof HTMLDialogElement && !dialog.open) {
    dialog.showModal();
    dialog.addEventListener("close", () => dialog.remove(), { once: true });
  }
});
