/** Texts of scripts in the page's language. */

// In a worker and in unit tests there is no page; the source language holds.
export const english =
  typeof document !== "undefined" && document.documentElement.lang.toLowerCase().startsWith("en");

/**
 * The Chinese text, or its English on an English page; `{name}` is replaced from `values`,
 * `{name|mark|marks}` by the word that fits its number.
 */
export function t(chinese: string, inEnglish: string, values: Record<string, string | number> = {}): string {
  const text = english ? inEnglish : chinese;
  return text.replace(/\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    if (!(name in values)) return whole;
    return one === undefined ? String(values[name]) : Number(values[name]) === 1 ? one : many!;
  });
}

const locale = english ? "en-GB" : "zh-CN";

/** A number with grouping and a fixed count of decimals. */
export function number(value: number, decimals = 0): string {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(
    value,
  );
}

/** Hours and minutes, for "saved at"; of the clock that the server's pages show. */
export function clockTime(at: Date): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }).format(at);
}

/** Bytes as people write them. */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${number(bytes / 1024)} KB`;
  return `${number(bytes / 1024 / 1024, 1)} MB`;
}
