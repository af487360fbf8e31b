/** What the page was given: sheet, round, who I am (`<script type="application/json" id="review-config">`). */

export interface Me {
  id: number | null;
  name: string;
  dept: string | null;
  dept_name?: string | null;
  color: number | null;
  badge: string | null;
}

export interface Config {
  sheet: string;
  round: string | null;
  me: Me;
  urls: { back?: string; task?: string };
}

/** Reads the page's configuration; throws when the template did not give it. */
export function readConfig(): Config {
  const element = document.getElementById("review-config");
  if (!element?.textContent) throw new Error("review-config is missing");
  const config = JSON.parse(element.textContent) as Partial<Config>;
  if (typeof config.sheet !== "string" || !config.me) throw new Error("review-config is incomplete");
  return { sheet: config.sheet, round: config.round ?? null, me: config.me, urls: config.urls ?? {} };
}

/** The review page of another sheet, as seen from this one: the mandate's prefix is kept. */
export function sheetPage(id: string): string {
  return location.pathname.replace(/sheets\/[^/]+\/review\/.*$/, `sheets/${encodeURIComponent(id)}/review/`);
}
