import { defineConfig, globalIgnores } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier/flat';
import tailwind from 'eslint-plugin-better-tailwindcss';
import tseslint from 'typescript-eslint';
import vue from 'eslint-plugin-vue';
import vueParser from 'vue-eslint-parser';
import electronSecurity from './scripts/lint/electron-security.js';

/** Files that may import anything: they are never shipped and nothing imports them. */
const TESTS = ['**/*.test.ts', 'tests/**', 'scripts/**', '*.config.ts', '*.config.js'];

/** Rooms of `src/features`: each is closed to the others. */
const FEATURES = [
  'welcome',
  'sign-in',
  'chat',
  'conversations',
  'contacts',
  'groups',
  'codes',
  'complaint',
  'network',
  'search',
  'settings',
];

/** Rooms of the main process that are plain Node, so that they can be tested and reused without Electron. */
const PLAIN_NODE_ROOMS = [
  'session',
  'connection',
  'discovery',
  'dialects',
  'messaging',
  'people',
  'history',
  'export',
  'links',
  'network',
];

/** `target` may not import from `from`, except from `except` (relative to `from`). */
const zone = (target, from, message, except) => ({ target, from, message, ...(except ? { except } : {}) });

/** The table "allowed imports" of docs/architecture.md, between folders. */
const zones = [
  zone(
    './protocol',
    ['./electron', './src', './server', './tests', './scripts'],
    'protocol imports the schema library only',
  ),
  zone('./electron', ['./src', './server', './tests', './scripts'], 'electron may import protocol only'),
  zone('./electron/preload', './electron/main', 'the preload knows the bridge only'),
  zone('./electron/main', './electron/preload', 'main does not import the preload'),
  zone(
    './src',
    ['./electron', './server', './tests', './scripts'],
    'the window reaches its host through src/bridge.ts only',
  ),
  zone('./server', ['./electron', './src', './tests', './scripts'], 'server may import protocol only'),
  // Window: app → features → stores → bridge → lib.
  zone('./src/features', './src/app', 'features do not know the app around them'),
  zone('./src/stores', ['./src/app', './src/features', './src/components'], 'stores know no user interface'),
  zone(
    './src/components',
    ['./src/app', './src/features', './src/stores', './src/bridge.ts'],
    'components get all they show as props',
  ),
  zone(
    './src/lib',
    [
      './src/app',
      './src/features',
      './src/stores',
      './src/components',
      './src/bridge.ts',
      './src/composables',
    ],
    'lib is the lowest room',
  ),
  zone(
    './src/bridge.ts',
    ['./src/app', './src/features', './src/stores', './src/components'],
    'the bridge is below the stores',
  ),
  ...FEATURES.map((feature) =>
    zone(`./src/features/${feature}`, './src/features', 'features never import each other', [`./${feature}`]),
  ),
  // Server: http and ws → domain → storage, bus, files.
  zone(['./server/http', './server/ws'], './server/storage', 'transport asks the rules, never the storage'),
  zone('./server/domain', ['./server/http', './server/ws'], 'rules know no transport'),
  zone('./server/storage', ['./server/http', './server/ws', './server/domain'], 'storage is below the rules'),
  zone('./server/bus', ['./server/http', './server/ws', './server/domain'], 'the bus is below the rules'),
  zone('./server/files', ['./server/http', './server/ws', './server/domain'], 'files are below the rules'),
];

const noElectron = {
  name: 'electron',
  message: 'Only app, bridge, desktop, media and embedded-server know Electron.',
};

export default defineConfig([
  globalIgnores(['out/**', 'dist/**', 'node_modules/**', 'test-results/**', 'resources/icons/**']),
  tseslint.configs.recommended,
  vue.configs['flat/recommended'],
  // A class that means nothing shows nowhere but on the screen.
  {
    files: ['src/**/*.vue'],
    plugins: { tailwind },
    settings: { 'better-tailwindcss': { entryPoint: 'src/styles/main.css', detectComponentClasses: true } },
    // Of main.css itself.
    rules: {
      'tailwind/no-unknown-classes': ['error', { ignore: ['^selectable$', '^title-(drag|inset|strip)$'] }],
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
  },
  {
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: [
            'tsconfig.src.json',
            'tsconfig.electron.json',
            'tsconfig.server.json',
            'tsconfig.tests.json',
          ],
        }),
      ],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/define-macros-order': 'error',
      'vue/no-v-html': 'error',
      'vue/require-default-prop': 'off',
    },
  },
  {
    files: ['protocol/**', 'electron/**', 'src/**', 'server/**'],
    ignores: TESTS,
    rules: { 'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }] },
  },
  {
    files: ['protocol/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\.|zod$)', message: 'protocol imports the schema library only' }] },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'protocol imports the schema library only' },
      ],
    },
  },
  {
    // The sandboxed preload must stay free of the schema library: channel names come from ipc-channels.
    files: ['electron/preload/**/*.ts'],
    ignores: TESTS,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!electron$|electron/renderer$|#protocol/ipc-channels$|#protocol/ipc$)',
              message: 'the preload imports the bridge only',
            },
            {
              regex: '^#protocol/ipc$',
              allowTypeImports: true,
              message: 'types only: it would bundle the schema library',
            },
          ],
        },
      ],
    },
  },
  {
    files: PLAIN_NODE_ROOMS.map((room) => `electron/main/${room}/**/*.ts`),
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { paths: [noElectron] }] },
  },
  {
    files: ['electron/main/settings/**/*.ts'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { paths: [noElectron] }] },
  },
  {
    files: ['electron/main/**/*.ts'],
    ignores: [...TESTS, 'electron/main/bridge/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "ImportSpecifier[imported.name='ipcMain']", message: 'Only bridge/ touches ipcMain.' },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: TESTS,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(node:|electron($|/)|ws$|libsql$|fastify$|kysely$)',
              message: 'the window has no Node and no Electron',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: [...TESTS, 'src/bridge.ts', 'src/env.d.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[property.name='magpie'][object.name='window']",
          message: 'Use src/bridge.ts.',
        },
        {
          selector: "MemberExpression[computed=true][property.value='magpie']",
          message: 'Use src/bridge.ts.',
        },
        {
          selector: 'ImportExpression[source.value=/^(electron|node:|ws$|libsql|fastify|kysely)/]',
          message: 'the window has no Node and no Electron',
        },
      ],
    },
  },
  {
    files: ['server/**/*.ts'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { paths: [noElectron] }] },
  },
  {
    // Misconfigurations of Electron, in everything that is shipped.
    files: ['electron/**/*.ts', 'server/**/*.ts', 'src/**/*.{ts,vue}'],
    ignores: TESTS,
    plugins: { 'electron-security': electronSecurity },
    rules: {
      'electron-security/no-weak-options': 'error',
      'electron-security/no-dangerous-calls': 'error',
      'electron-security/windows-are-hardened': 'error',
    },
  },
  {
    // Preloaded into Electron by `-r`, which takes CommonJS only.
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['scripts/**', '.ci/**', 'server/main.ts'],
    rules: { 'no-console': 'off' },
  },
  prettier,
]);
