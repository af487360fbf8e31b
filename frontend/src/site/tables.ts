/**
 * `<table class="table" data-filterable>`: a filter under each `<th data-filter>` (choice when few values, else text),
 * sorting by `<th data-sort>`, a count said aloud. Cells may carry `data-value` for sorting.
 */

import { whenPresent } from "./enhance";
import { number, t } from "./language";

const FEW = 12;

function textOf(row: HTMLTableRowElement, column: number): string {
  return row.cells[column]?.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

function sortValue(row: HTMLTableRowElement, column: number): number | string {
  const cell = row.cells[column];
  const raw = cell?.dataset["value"] ?? textOf(row, column);
  const asNumber = Number(raw.replace(/[,\s]/g, ""));
  return raw !== "" && Number.isFinite(asNumber) ? asNumber : raw;
}

function compare(one: number | string, other: number | string): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), document.documentElement.lang, { numeric: true });
}

whenPresent<HTMLTableElement>("table[data-filterable]", (table) => {
  const head = table.tHead;
  const body = table.tBodies[0];
  const titles = head?.rows[0];
  if (!head || !body || !titles) return;
  const rows = [...body.rows];
  const wanted = new Map<number, { text: string; exact: boolean }>();
  const count = document.createElement("p");
  count.className = "table-count";
  count.setAttribute("role", "status");

  const apply = (): void => {
    let shown = 0;
    for (const row of rows) {
      const fits = [...wanted].every(([column, filter]) => {
        if (!filter.text) return true;
        const text = textOf(row, column).toLowerCase();
        return filter.exact ? text === filter.text : text.includes(filter.text);
      });
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent =
      shown === rows.length
        ? t("共 {all} 条", "{all} rows", { all: number(rows.length) })
        : t("显示 {shown} / {all} 条", "{shown} of {all} rows shown", { shown: number(shown), all: number(rows.length) });
  };

  const columns = [...titles.cells];
  if (columns.some((cell) => cell.hasAttribute("data-filter"))) {
    const filters = head.insertRow();
    filters.className = "table-filters";
    columns.forEach((title, column) => {
      const cell = document.createElement("th");
      filters.append(cell);
      if (!title.hasAttribute("data-filter")) return;
      const label = t("按{column}筛选", "Filter by {column}", { column: title.textContent?.trim() ?? "" });
      const values = [...new Set(rows.map((row) => textOf(row, column)))].filter(Boolean).sort();
      const choice = values.length <= FEW && title.dataset["filter"] !== "text";
      let control: HTMLInputElement | HTMLSelectElement;
      if (choice) {
        control = document.createElement("select");
        control.add(new Option(t("全部", "All"), ""));
        for (const value of values) control.add(new Option(value, value.toLowerCase()));
      } else {
        control = document.createElement("input");
        control.type = "search";
        control.placeholder = t("筛选", "Filter");
      }
      control.className = "input";
      control.setAttribute("aria-label", label);
      control.addEventListener("input", () => {
        wanted.set(column, { text: control.value.trim().toLowerCase(), exact: choice });
        apply();
      });
      cell.append(control);
    });
  }

  columns.forEach((title, column) => {
    if (!title.hasAttribute("data-sort")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "table-sort";
    button.append(...title.childNodes);
    title.append(button);
    button.addEventListener("click", () => {
      const up = title.getAttribute("aria-sort") !== "ascending";
      for (const other of columns) other.removeAttribute("aria-sort");
      title.setAttribute("aria-sort", up ? "ascending" : "descending");
      const sorted = [...rows].sort((a, b) => compare(sortValue(a, column), sortValue(b, column)) * (up ? 1 : -1));
      body.append(...sorted);
    });
  });

  const wrap = table.closest(".table-wrap") ?? table;
  wrap.after(count);
  apply();
});

// A whole row opens its first link; the link itself stays the keyboard's way in.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const row = target.closest<HTMLTableRowElement>("tr[data-href]");
  if (!row || target.closest("a, button, input, select, label, summary") || getSelection()?.toString()) return;
  location.href = row.dataset["href"]!;
});
