/**
 * Misconfigurations of Electron that a glance at the code shows: what its security checklist warns of, as lint rules. What only
 * the running app can show is tested in tests/e2e/security.spec.ts. Rules name what is allowed to stay, so that a new place for
 * something dangerous is a decision somebody has to write down here.
 */

/** Options that must never have these values, wherever they are written. */
const WEAK_OPTIONS = new Map([
  ...[
    'nodeIntegration',
    'nodeIntegrationInWorker',
    'nodeIntegrationInSubFrames',
    'webviewTag',
    'allowRunningInsecureContent',
    'experimentalFeatures',
    'enableRemoteModule',
    'allowpopups',
    'plugins',
    'disableDialogs',
    'nodeIntegrationInSharedWorker',
    // Of schemes.
    'bypassCSP',
    'allowServiceWorkers',
    // Of processes.
    'shell',
  ].map((name) => [name, true]),
  ...['sandbox', 'contextIsolation', 'webSecurity', 'rejectUnauthorized', 'safeDialogs'].map((name) => [
    name,
    false,
  ]),
  ['action', 'allow'],
]);

/** Options that turn on features by name. */
const FORBIDDEN_OPTIONS = new Set(['enableBlinkFeatures', 'preloadScripts']);

/** Methods that give something away, and the files that may call them. In the window `openExternal` is a call of the bridge. */
const GUARDED_CALLS = new Map([
  // A question of ours to a page that may hang.
  ['executeJavaScript', ['electron/main/app/page-care.ts']],
  ['insertCSS', []],
  ['openDevTools', []],
  ['openExternal', ['electron/main/app/parts.ts', 'electron/main/bridge/handlers.ts', 'src/']],
  ['openPath', ['electron/main/app/file-actions.ts', 'electron/main/app/diagnostics.ts']],
  ['setCertificateVerifyProc', ['electron/main/network/']],
  ['registerFileProtocol', []],
  ['registerHttpProtocol', []],
  ['interceptFileProtocol', []],
  ['loadFile', []],
  ['exec', []],
  ['execSync', []],
]);

/** Events whose handlers can let something pass. */
const GUARDED_EVENTS = new Map([
  ['certificate-error', ['electron/main/network/']],
  ['select-client-certificate', ['electron/main/network/']],
  ['login', ['electron/main/network/']],
]);

const DANGEROUS_SWITCHES =
  /^(?:no-sandbox|disable-web-security|disable-site-isolation|ignore-certificate-errors|allow-running-insecure-content|remote-debugging|inspect|js-flags|disable-features|auth-server-whitelist)/u;

/** What every window says for itself, although it is Electron's default: a default can change. */
const HARDENED = { sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false };

const nameOf = (node) =>
  node?.type === 'Identifier' ? node.name : node?.type === 'Literal' ? String(node.value) : undefined;

function isAllowed(context, places) {
  const file = context.filename.replaceAll('\\', '/');
  return places.some((place) => file.includes(`/${place}`) || file.startsWith(place));
}

const rule = (messages, create) => ({ meta: { type: 'problem', schema: [], messages }, create });

export default {
  rules: {
    'no-weak-options': rule(
      { weak: '`{{name}}: {{value}}` takes down a wall of Electron.', named: '`{{name}}` is not for us.' },
      (context) => ({
        Property(node) {
          const name = nameOf(node.key);
          if (node.computed || name === undefined) return;
          if (FORBIDDEN_OPTIONS.has(name)) context.report({ node, messageId: 'named', data: { name } });
          if (
            WEAK_OPTIONS.has(name) &&
            node.value.type === 'Literal' &&
            node.value.value === WEAK_OPTIONS.get(name)
          )
            context.report({ node, messageId: 'weak', data: { name, value: String(node.value.value) } });
        },
        AssignmentExpression(node) {
          const name = nameOf(node.left.property);
          if (name === 'NODE_TLS_REJECT_UNAUTHORIZED' || name === 'ELECTRON_RUN_AS_NODE')
            context.report({ node, messageId: 'named', data: { name } });
        },
      }),
    ),
    'no-dangerous-calls': rule(
      {
        call: '`{{name}}` may be called in: {{places}}.',
        event: '`{{name}}` may be handled in: {{places}}.',
        flag: 'The switch `{{name}}` weakens Chromium.',
        code: 'Text does not become code.',
        raw: 'The page gets functions of ours, never `{{name}}` itself.',
      },
      (context) => {
        const places = (list) => (list.length === 0 ? 'no file' : list.join(', '));
        return {
          CallExpression(node) {
            const name = nameOf(node.callee.property ?? node.callee);
            const [first, second] = node.arguments;
            const isMember = node.callee.type === 'MemberExpression';
            // A pattern's `exec` is another one.
            const isPattern = isMember && name === 'exec';
            const allowed = GUARDED_CALLS.get(name);
            if (allowed !== undefined && !isPattern && !isAllowed(context, allowed))
              context.report({ node, messageId: 'call', data: { name, places: places(allowed) } });
            if (name === 'eval' && !isMember) context.report({ node, messageId: 'code' });
            const text = first?.type === 'Literal' ? String(first.value) : '';
            if (name === 'appendSwitch' && (text === '' || DANGEROUS_SWITCHES.test(text)))
              context.report({ node, messageId: 'flag', data: { name: text || '(computed)' } });
            const handlers = GUARDED_EVENTS.get(text);
            if (
              ['on', 'once', 'addListener'].includes(name) &&
              handlers !== undefined &&
              !isAllowed(context, handlers)
            )
              context.report({ node, messageId: 'event', data: { name: text, places: places(handlers) } });
            if (name === 'exposeInMainWorld' && second?.type !== 'ObjectExpression')
              context.report({ node, messageId: 'raw', data: { name: nameOf(second) ?? 'a value' } });
            if (name === 'exposeInMainWorld' && second?.type === 'ObjectExpression')
              for (const property of second.properties)
                if (nameOf(property.value) === 'ipcRenderer' || property.type === 'SpreadElement')
                  context.report({ node: property, messageId: 'raw', data: { name: 'ipcRenderer' } });
          },
          NewExpression(node) {
            if (nameOf(node.callee) === 'Function') context.report({ node, messageId: 'code' });
          },
        };
      },
    ),
    'windows-are-hardened': rule(
      {
        missing: 'A window says `{{wanted}}` in its own webPreferences.',
        unknown: 'A window’s options are written where it is made.',
      },
      (context) => ({
        NewExpression(node) {
          if (!['BrowserWindow', 'WebContentsView', 'BrowserView'].includes(nameOf(node.callee))) return;
          const preferences =
            node.arguments[0]?.type === 'ObjectExpression'
              ? node.arguments[0].properties.find((one) => nameOf(one.key) === 'webPreferences')?.value
              : undefined;
          if (preferences?.type !== 'ObjectExpression') {
            context.report({ node, messageId: 'unknown' });
            return;
          }
          for (const [name, value] of Object.entries(HARDENED)) {
            const said = preferences.properties.find((one) => nameOf(one.key) === name)?.value;
            if (said?.type !== 'Literal' || said.value !== value)
              context.report({
                node: preferences,
                messageId: 'missing',
                data: { wanted: `${name}: ${value}` },
              });
          }
        },
      }),
    ),
  },
};
