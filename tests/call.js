/* Calls functions of a module: `deno run --allow-read --allow-write tests/call.js MODULE.JS CASES OUTPUTS`, or
   with node. CASES is JSON, {calls, rest}: a list of [name, arguments], and the arguments that all of them have at
   their end. OUTPUTS becomes a list of results; bytes travel as {bytes: base64}. */

import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [script, cases, outputs] = process.argv.slice(2);
const module = await import(pathToFileURL(resolve(script)).href);

const bytesOf = (text) => new Uint8Array(Buffer.from(text, "base64")); // with a buffer of its own
const given = (_, value) => typeof value?.bytes === "string" ? bytesOf(value.bytes) : value;
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const told = (_, value) => value instanceof Uint8Array ? { bytes: base64(value) } : value;

const { calls, rest } = JSON.parse(readFileSync(cases, "utf8"), given);
const results = calls.map(([name, values]) => module[name](...values, ...rest));
writeFileSync(outputs, JSON.stringify(results, told));
