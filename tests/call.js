/* Calls functions of a module: `deno run --allow-read --allow-write tests/call.js MODULE.JS CASES OUTPUTS`, or
   with node. CASES is a JSON list of [name, arguments], and OUTPUTS becomes one of results; bytes travel as
   {bytes: base64}. */

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [script, cases, outputs] = process.argv.slice(2);
const module = await import(pathToFileURL(resolve(script)).href);

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const given = (_, value) => typeof value?.bytes === "string" ? bytesOf(value.bytes) : value;
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const told = (_, value) => value instanceof Uint8Array ? { bytes: base64(value) } : value;

const results = JSON.parse(readFileSync(cases, "utf8"), given).map(([name, values]) => module[name](...values));
writeFileSync(outputs, JSON.stringify(results, told));
