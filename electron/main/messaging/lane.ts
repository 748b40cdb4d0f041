/** Runs one piece of work at a time; urgent ones go before all that still wait. */
export function createLane() {
  const waiting: (() => void)[] = [];
  let busy = false;
  const next = () => {
    const work = waiting.shift();
    busy = work !== undefined;
    work?.();
  };

  return {
    run<Value>(work: () => Promise<Value>, urgent = false): Promise<Value> {
      return new Promise<Value>((resolve, reject) => {
        const start = () => void work().then(resolve, reject).finally(next);
        if (urgent) waiting.unshift(start);
        else waiting.push(start);
        if (!busy) next();
      });
    },
  };
}
