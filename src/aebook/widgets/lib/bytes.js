/* Bytes, as they come from Python, from a page's scripts, or from another view. */

/** A Uint8Array of a setting of kind bytes: a DataView, or base64 where there are no buffers; null for none. */
export function bytesOf(value) {
  if (typeof value === "string") {
    return value ? Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0)) : null;
  }
  if (!value?.byteLength) return null;
  return new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength);
}
