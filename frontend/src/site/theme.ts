/** Light, dark, or as the desk says; remembered in this browser. */

const NAME = "theme";

function apply(theme: string): void {
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  for (const button of document.querySelectorAll<HTMLElement>("[data-set-theme]"))
    button.setAttribute("aria-pressed", String(button.dataset["setTheme"] === (theme || "auto")));
}

apply(localStorage.getItem(NAME) ?? "");
document.addEventListener("DOMContentLoaded", () => apply(localStorage.getItem(NAME) ?? ""));
document.addEventListener("click", (event) => {
  const chosen = (event.target as Element).closest<HTMLElement>("[data-set-theme]")?.dataset["setTheme"];
  if (!chosen) return;
  const theme = chosen === "auto" ? "" : chosen;
  if (theme) localStorage.setItem(NAME, theme);
  else localStorage.removeItem(NAME);
  apply(theme);
});
