/* Runs packed nets: `deno run --allow-read --allow-write tests/net_run.js NET.JS CASES OUTPUTS`, or with node.

   CASES is a JSON list of {net, values, shape}, bytes in base64. OUTPUTS becomes one: {values, shape} or {error}.
   A case without a net takes the one before. */

import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [script, cases, outputs] = process.argv.slice(2);
const { load, run } = await import(pathToFileURL(resolve(script)).href);

const bytesOf = (text) => new Uint8Array(Buffer.from(text, "base64")); // with a buffer of its own
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

let net = null;
const results = JSON.parse(readFileSync(cases, "utf8")).map((each) => {
  try {
    if (each.net !== undefined) net = load(bytesOf(each.net));
    const given = new Float32Array(bytesOf(each.values).buffer), before = given.slice();
    const { values, shape } = run(net, given, each.shape);
    if (!given.every((value, at) => Object.is(value, before[at]))) throw new Error("the input was changed");
    return { values: base64(new Uint8Array(values.buffer)), shape };
  } catch (error) {
    return { error: error.message };
  }
});
writeFileSync(outputs, JSON.stringify(results));
