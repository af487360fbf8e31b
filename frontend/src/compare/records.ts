/** What the comparison page is given, and what the API answers. */

import type { Box } from "../drawing/manifest";

export interface SheetConfig {
  id: string;
  number: string;
  name: string;
  render: string;
  kind: string;
  scale: number | null;
  revision: string;
  kind_text: string;
}

export interface CompareConfig {
  old: SheetConfig;
  new: SheetConfig;
  back: string;
  canvas: string;
  comparison: string;
  others: { id: string; label: string }[];
}

export type How = "added" | "removed" | "text" | "moved" | "layer" | "shape";

export interface Difference {
  how: How;
  id: string;
  old_id: string;
  type: string;
  layer: string;
  box: Box;
  old_text: string;
  new_text: string;
}

export interface Differences {
  identical: boolean;
  counts: { added: number; removed: number; changed: number; texts: number; same: number };
  regions: Box[];
  changes: Difference[];
}

export function readCompareConfig(): CompareConfig {
  const element = document.getElementById("compare-config");
  if (!element?.textContent) throw new Error("compare-config is missing");
  return JSON.parse(element.textContent) as CompareConfig;
}
