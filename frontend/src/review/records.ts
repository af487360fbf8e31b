/** What the API of sheets, rounds and opinions answers. Fields that a version of the server may lack are optional. */

import type { Box } from "../drawing/manifest";

export interface Department {
  code: string;
  name: string;
  short_name?: string;
  badge: string;
  color: number;
}

export interface PersonRecord {
  id: number;
  name: string;
}

export interface SheetRecord {
  id: string;
  name: string;
  number: string;
  kind: string;
  state: string;
  render: string;
  units: string;
  scale: number | null;
  revision: { id: string; no: string };
  set: { id: string; name: string };
  project: { id: string; name: string; code: string };
  round_id: string | null;
}

export type Change = "new" | "changed" | "identical" | "gone" | null;

export interface RoundSheet {
  id: string;
  number: string;
  name: string;
  state: string;
  marks: number;
  change: Change;
}

export interface TaskRecord {
  id: string;
  department: Department;
  discipline: { code: string; name: string } | null;
  state: string;
  conclusion: string | null;
  mine: boolean;
  can: string[];
  people: (PersonRecord | string)[];
}

export interface ClassRecord {
  code: string;
  name: string;
  needs_clause?: boolean;
  blocks?: boolean;
}

export interface RoundRecord {
  id: string;
  no: number;
  state: string;
  tasks: TaskRecord[];
  sheets: RoundSheet[];
  can: string[];
  classes?: ClassRecord[];
}

export interface ClauseRecord {
  code: string;
  no: string;
  title: string;
  topic?: string;
  cls?: string;
}

export interface ReplyRecord {
  by?: string;
  kind?: string;
  kind_label?: string;
  text: string;
  at?: string;
}

export interface OpinionRecord {
  id: string;
  no: number;
  department: Department;
  discipline: { code: string; name: string } | null;
  cls: string;
  cls_label?: string;
  clause: ClauseRecord | null;
  text: string;
  demand: unknown;
  state: string;
  state_label?: string;
  sheet_id: string | null;
  region: Box | null;
  marks: string[];
  blocking: boolean;
  mine: boolean;
  author: string | PersonRecord | null;
  can: string[];
  replies: ReplyRecord[];
}
