// What electron-builder makes of the built app. `npm run package` (scripts/package.ts) runs it with what it needs.
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** An unpacked Electron of this system; without it electron-builder fetches the one that package.json names. */
const electronDist = process.env.MAGPIE_ELECTRON_DIST;
/** Packages around another Electron than the released one say so in their names, so that none is taken for a release. */
const label = process.env.MAGPIE_PACKAGE_LABEL ?? '';
/** Where installed apps look for newer ones. A company that hosts its own Magpie sets the address of its server. */
const updateUrl = process.env.MAGPIE_UPDATE_URL;

/** Public half of the key that signs releases; see docs/packaging.md. */
const updateKey = process.env.MAGPIE_UPDATE_PUBLIC_KEY;

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.magpie.messenger',
  // Without blanks: the deb installs into a folder of this name, and xdg-open fails with a quoted program in `Exec`.
  productName: 'Magpie',
  ...(electronDist ? { electronDist, electronVersion: process.env.MAGPIE_ELECTRON_VERSION } : {}),
  directories: { buildResources: 'packaging', output: 'dist' },
  files: [
    'out/**',
    'package.json',
    // What main draws with; it reads them from beside `out`.
    'resources/icons/tray/**',
    'resources/icons/{64x64,256x256}.png',
    'resources/icons/trayTemplate*.png',
    // Prebuilt for another C library than Electron's.
    '!node_modules/@libsql/*-musl/**',
    '!node_modules/@node-rs/*-musl/**',
    '!**/*.{map,d.ts,d.mts,d.cts,md,markdown}',
  ],
  extraMetadata: { magpie: { updateKey, updateUrl } },
  // Native modules are prebuilt with Node-API, which does not depend on the version of Electron.
  npmRebuild: false,
  electronLanguages: ['en-US', 'zh-CN', 'zh-TW', 'en', 'zh_CN', 'zh_TW'],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    // The page comes through a scheme of its own.
    grantFileProtocolExtraPrivileges: false,
    resetAdHocDarwinSignature: true,
  },
  afterPack: './packaging/after-pack.mjs',
  protocols: [{ name: 'Magpie link', schemes: ['magpie'], role: 'Viewer' }],
  // The app has its feed from its settings; this makes electron-builder write the metadata.
  publish: [{ provider: 'generic', url: updateUrl || 'https://magpie.invalid/updates' }],
  toolsets: { appimage: '1.0.3', nsis: '1.2.1', winCodeSign: '1.1.0' },
  artifactName: `\${name}-${version}${label}-\${os}-\${arch}.\${ext}`,
  linux: {
    target: ['AppImage', 'deb', 'rpm'].map((target) => ({ target, arch: ['x64'] })),
    icon: '../resources/icons',
    category: 'Network;InstantMessaging',
    synopsis: 'Messenger for teams that host their own chat',
    description: 'A fast desktop messenger for teams that host their own chat, with its own server inside.',
    executableName: 'magpie',
    syncDesktopName: true,
    maintainer: 'The Magpie Authors <magpie@magpie.invalid>',
    desktop: {
      entry: {
        StartupWMClass: 'magpie',
        'Name[zh_CN]': '喜鹊',
        'Comment[zh_CN]': '团队自建聊天的桌面客户端',
        Keywords: 'chat;messenger;im;聊天;',
      },
    },
  },
  deb: { packageName: 'magpie', packageCategory: 'net', compression: label ? 'gz' : 'xz' },
  rpm: {
    packageName: 'magpie',
    packageCategory: 'Applications/Internet',
    // Its folders are the package's own, or they would stay behind, empty, when it is removed.
    fpm: ['--directories', '/opt/Magpie'],
    compression: label ? 'gzip' : 'xz',
  },
  win: {
    // No arm64: nobody builds libsql for it. Windows 11 on such a processor runs this one.
    target: [{ target: 'nsis', arch: ['x64'] }],
    icon: 'resources/icons/icon.ico',
  },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    deleteAppDataOnUninstall: false,
  },
  mac: {
    target: ['dmg', 'zip'].map((target) => ({ target, arch: ['universal'] })),
    // Both halves hold the modules of both processors (scripts/package/foreign-modules.ts), so these are not to be merged.
    x64ArchFiles: '**/app.asar.unpacked/node_modules/{@libsql,@node-rs}/*darwin-*/**',
    icon: 'resources/icons/icon.icns',
    category: 'public.app-category.productivity',
    hardenedRuntime: true,
    gatekeeperAssess: false,
    // The system plays them with notifications, by name; see src/stores/sounds.ts.
    extraResources: [{ from: 'resources/sounds', to: '.', filter: ['*.wav'] }],
    entitlements: 'packaging/entitlements.mac.plist',
    entitlementsInherit: 'packaging/entitlements.mac.plist',
    notarize: Boolean(process.env.APPLE_API_KEY || process.env.APPLE_ID),
    extendInfo: {
      NSMicrophoneUsageDescription: 'Magpie records voice messages when you press the microphone.',
      NSCameraUsageDescription: 'Magpie takes pictures when you press the camera.',
    },
  },
  dmg: { sign: false },
};
