import { expect, test } from 'vitest';
import { createLooking } from './looking.ts';

const [MAIN, OWN] = [1, 2];

test('what any window shows is shown; what the focused one shows is read', () => {
  const looking = createLooking();
  looking.look(MAIN, { conversationId: 'single:1', focused: true });
  looking.look(OWN, { conversationId: 'single:2', focused: false });
  expect(looking.active).toEqual(['single:1', 'single:2']);
  expect(looking.reading).toBe('single:1');
  looking.look(MAIN, { conversationId: 'single:1', focused: false });
  expect(looking.reading).toBeNull();
});

test('the window that got the focus counts, even if the other one has not noticed yet', () => {
  const looking = createLooking();
  looking.look(MAIN, { conversationId: 'single:1', focused: true });
  looking.look(OWN, { conversationId: 'single:2', focused: true });
  expect(looking.reading).toBe('single:2');
  looking.look(MAIN, { conversationId: 'single:1', focused: false });
  expect(looking.reading).toBe('single:2');
});

test('leaving one window does not take the conversation off the other', () => {
  const looking = createLooking();
  looking.look(MAIN, { conversationId: 'single:1', focused: false });
  looking.look(OWN, { conversationId: 'single:1', focused: true });
  looking.look(MAIN, { conversationId: null, focused: false });
  expect(looking.shown).toEqual(['single:1']);
  expect(looking.reading).toBe('single:1');
  looking.left(OWN);
  expect(looking).toMatchObject({ shown: [], reading: null });
});

test('a page on its way is shown already', () => {
  const looking = createLooking();
  looking.askedFor(OWN, 'group:3');
  looking.askedFor(MAIN, 'single:1');
  looking.look(MAIN, { conversationId: 'single:1', focused: true });
  expect(looking.shown).toEqual(['single:1', 'group:3']);
  looking.left(OWN);
  expect(looking.shown).toEqual(['single:1']);
});
