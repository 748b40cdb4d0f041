import { describe, expect, it } from 'vitest';
import { shippedParts } from './parts-list.ts';

describe('the list of parts', () => {
  it('names what is shipped, once per version, and nothing that only builds', () => {
    const parts = shippedParts({
      '': { version: '1.0.0' },
      'node_modules/ws': { version: '8.0.0' },
      'node_modules/@scope/one': { version: '1.0.0' },
      'node_modules/other/node_modules/ws': { version: '7.0.0' },
      'node_modules/another/node_modules/ws': { version: '7.0.0' },
      'node_modules/vite': { version: '8.0.0', dev: true },
    });
    expect(Object.keys(parts)).toEqual(['ws@8.0.0', '@scope/one@1.0.0', 'ws@7.0.0']);
  });
});
