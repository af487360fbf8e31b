/** Menus are <details class="menu">: one open at a time, Escape and a click elsewhere close them. */

import { whenPresent } from "./enhance";

function closeAll(except?: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]"))
    if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => closeAll((event.target as Element).closest("details.menu")));

document.addEventListener("keydown", (event) => {
  const inside = (event.target as Element).closest<HTMLDetailsElement>("details.menu[open]");
  if (event.key === "Escape") {
    closeAll();
    inside?.querySelector("summary")?.focus();
    return;
  }
  if (!inside || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...inside.querySelectorAll<HTMLElement>(".menu-list :is(a, button)")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = items.at((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1)) % items.length);
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

whenPresent<HTMLButtonElement>("[data-toggle]", (button) => {
  const target = document.getElementById(button.dataset["toggle"] ?? "");
  if (!target) return;
  button.setAttribute("aria-controls", target.id);
  const show = (open: boolean): void => {
    target.toggleAttribute("data-open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  show(target.hasAttribute("data-open"));
  button.addEventListener("click", () => show(!target.hasAttribute("data-open")));
  target.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button.focus();
  });
});
