/** What a test tells the worker of a history, through memory that both see. */

/**
 * Where it dies at its next transaction: before its end, after it and before the answer, or with the whole computer
 * while the end is being written. Ending the thread from outside would tear down the process when it stands inside the
 * database's native code.
 */
export const ORDERS = { open: 1, committed: 2, power: 3 } as const;
export type WorkerDeath = keyof typeof ORDERS;

export const SLOTS = { order: 0, full: 1, refused: 2 } as const;

export function createWorkerOrders() {
  const slots = new Int32Array(new SharedArrayBuffer(Object.keys(SLOTS).length * 4));
  return {
    workerOptions: { execArgv: [], workerData: slots },
    kill: (death: WorkerDeath) => void Atomics.store(slots, SLOTS.order, ORDERS[death]),
    /** While it is full, what needs more room is refused. */
    setFull: (isFull: boolean) => void Atomics.store(slots, SLOTS.full, Number(isFull)),
    /** How many transactions were refused so far. */
    refused: () => Atomics.load(slots, SLOTS.refused),
  };
}
