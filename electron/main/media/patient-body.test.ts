import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { patientBody, SILENCE } from './patient-body.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function sender() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: () => void (cancelled = true),
  });
  return { body, controller, isCancelled: () => cancelled };
}

test('what comes is passed on to its end, however long the reader takes', async () => {
  const { body, controller } = sender();
  const reader = patientBody(body).getReader();
  for (const byte of [1, 2, 3]) {
    const read = reader.read();
    controller.enqueue(Uint8Array.of(byte));
    expect(await read).toEqual({ done: false, value: Uint8Array.of(byte) });
    await vi.advanceTimersByTimeAsync(SILENCE * 3);
  }
  controller.close();
  expect((await reader.read()).done).toBe(true);
});

test('a sender that falls silent while somebody waits is given up, and hears of it', async () => {
  const { body, controller, isCancelled } = sender();
  const reader = patientBody(body).getReader();
  controller.enqueue(Uint8Array.of(1));
  expect((await reader.read()).done).toBe(false);
  const failed = expect(reader.read()).rejects.toThrow('silent');
  await vi.advanceTimersByTimeAsync(SILENCE - 1);
  expect(isCancelled()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await failed;
  expect(isCancelled()).toBe(true);
});

test('whoever stops reading stops the sender', async () => {
  const { body, isCancelled } = sender();
  await patientBody(body).cancel();
  expect(isCancelled()).toBe(true);
});
