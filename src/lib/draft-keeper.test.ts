import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDraftKeeper } from './draft-keeper.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createDraftKeeper', () => {
  it('saves the last text once, within 300 ms of the first key, however fast the typing', () => {
    const save = vi.fn();
    const keeper = createDraftKeeper(save);
    for (let key = 1; key <= 5; key++) {
      keeper.type('single:1', 'x'.repeat(key));
      vi.advanceTimersByTime(40);
    }
    expect(save).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(save.mock.calls).toEqual([['single:1', 'xxxxx']]);
    vi.advanceTimersByTime(5000);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('flushes at once and cancels without saving', () => {
    const save = vi.fn();
    const keeper = createDraftKeeper(save);
    keeper.type('single:1', 'a');
    keeper.type('single:2', 'b');
    keeper.cancel('single:1');
    keeper.flush();
    expect(save.mock.calls).toEqual([['single:2', 'b']]);
    vi.advanceTimersByTime(1000);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('never saves a text under a conversation it was not typed in', () => {
    const step = fc.record({ to: fc.integer({ min: 1, max: 4 }), wait: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const saved: [string, string][] = [];
        const keeper = createDraftKeeper((id, text) => saved.push([id, text]));
        steps.forEach(({ to, wait }, index) => {
          keeper.type(`single:${to}`, `for single:${to} #${index}`);
          vi.advanceTimersByTime(wait);
        });
        keeper.flush();
        expect(saved.every(([id, text]) => text.startsWith(`for ${id} `))).toBe(true);
        const last = steps.at(-1);
        if (last !== undefined)
          expect(saved).toContainEqual([`single:${last.to}`, `for single:${last.to} #${steps.length - 1}`]);
      }),
    );
  });
});
