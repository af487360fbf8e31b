/** Small DOM makers for the map's panels. */

/** An element with class, text and attributes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A button that does `act`. */
export function button(text: string, act: () => void, className = "btn btn-small"): HTMLButtonElement {
  const made = make("button", className, text, { type: "button" });
  made.addEventListener("click", act);
  return made;
}
