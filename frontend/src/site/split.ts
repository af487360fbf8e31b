/** Split pane: `<div class="split" data-split="name">` with a `.split-bar` that drags and takes arrow keys. */

import { whenPresent } from "./enhance";

whenPresent<HTMLElement>("[data-split]", (pane) => {
  const bar = pane.querySelector<HTMLElement>(":scope > .split-bar");
  if (!bar) return;
  const name = `split:${pane.dataset["split"] ?? ""}`;
  bar.setAttribute("role", "separator");
  bar.setAttribute("aria-orientation", "vertical");
  bar.tabIndex = 0;
  const set = (share: number): void => {
    const kept = Math.min(80, Math.max(20, share));
    pane.style.setProperty("--split", `${kept}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(kept)));
    localStorage.setItem(name, String(kept));
  };
  set(Number(localStorage.getItem(name) ?? pane.dataset["share"] ?? 50) || 50);
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    const box = pane.getBoundingClientRect();
    const move = (at: PointerEvent): void => set(((at.clientX - box.left) / box.width) * 100);
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", move), { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const now = Number(bar.getAttribute("aria-valuenow"));
    const moves: Record<string, number> = { ArrowLeft: now - 2, ArrowRight: now + 2, Home: 20, End: 80 };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set(next);
  });
});
