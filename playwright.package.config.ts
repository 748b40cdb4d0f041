// `npm run test:package`: the packages in dist/ (made by `npm run package:linux`), as people get them.
import base from './playwright.config.ts';

export default { ...base, testDir: 'tests/package', outputDir: 'test-results/package', timeout: 240_000 };
