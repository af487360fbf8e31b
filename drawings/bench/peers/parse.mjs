/** Reads a DXF with dxf-parser: `node parse.mjs plan.dxf` prints its processor seconds and the number of entities. */

import { readFileSync } from "node:fs";
import DxfParser from "dxf-parser";

const text = readFileSync(process.argv[2], "utf8");
const begun = process.cpuUsage();
const drawing = new DxfParser().parseSync(text);
const { user, system } = process.cpuUsage(begun);
process.stdout.write(JSON.stringify({ seconds: (user + system) / 1e6, entities: drawing.entities.length }));
