/** On every page: styles, htmx, Alpine, and what makes plain HTML comfortable. */

import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/print.css";
import "../site/htmx";
import "../site/dialogs";
import "../site/menus";
import "../site/tabs";
import "../site/tables";
import "../site/split";
import "../site/forms";
import "../site/drafts";
import "../site/signin";
import "../site/theme";
import "../realtime/sign_out";
import Alpine from "@alpinejs/csp";

// After the first paint: on most desks a system face serves and none of its files are fetched.
void import("../styles/fonts.css");

declare global {
  interface Window {
    Alpine: typeof Alpine;
  }
}

// Page scripts (modules too) run before this event and may register their own data first.
window.Alpine = Alpine;
document.addEventListener("DOMContentLoaded", () => Alpine.start());
