/* Work in small pieces, each a task of its own: between two of them the browser answers the pointer. */

/** A function that promises the next task. */
function tasks() {
  const { port1, port2 } = new MessageChannel(), waiting = [];
  port1.onmessage = () => waiting.shift()?.();
  return {
    next: () => new Promise((go) => (waiting.push(go), port2.postMessage(0))),
    close: () => port1.close(),
  };
}

/**
 * Workers that take turns. Each is a generator function, which yields where another task may come between; `ask`
 * says that there is something new. A worker that has begun ends first, then takes what is newest: while somebody
 * draws, every worker keeps up as far as it can, and none starves.
 * @param {(() => Generator)[]} workers
 * @param {() => void} [settled] called when all workers have done the newest
 */
export function takingTurns(workers, settled = () => {}) {
  const { next, close } = tasks(), done = workers.map(() => 0);
  let asked = 0, running = false, ended = false;

  async function work() {
    running = true;
    while (!ended && done.some((one) => one < asked)) {
      for (const [at, worker] of workers.entries()) {
        if (done[at] === asked) continue;
        const version = asked;
        for (const _ of worker()) await next();
        done[at] = version;
        await next();
        if (ended) return;
      }
    }
    running = false;
    if (!ended) settled();
  }

  const ask = () => {
    asked++;
    if (!running) work();
  };
  const end = () => {
    ended = true;
    close();
  };
  return { ask, end };
}
