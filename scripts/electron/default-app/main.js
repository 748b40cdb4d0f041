// The start code that an Electron runtime keeps in resources/default_app.asar: it reads the path of the app to run
// from the command line, takes on that app's identity and loads its main module. The runtime that we derive for
// machines without access to Electron's own downloads lacks this file, so it gets this one.
import { app } from 'electron';
import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const preloads = [];
let target;
for (let index = 1; index < process.argv.length; index++) {
  const argument = process.argv[index];
  if (argument === '-r' || argument === '--require') preloads.push(process.argv[++index]);
  else if (argument === '--version' || argument === '-v') {
    process.stdout.write(`v${process.versions.electron}\n`);
    process.exit(0);
  } else if (argument === '--' || !argument.startsWith('-')) {
    target = argument === '--' ? process.argv[index + 1] : argument;
    break;
  }
}
if (preloads.length > 0) Module._preloadModules(preloads);
if (!target) {
  process.stderr.write('Usage: electron [options] <folder or file of an app>\n');
  process.exit(1);
}

process.defaultApp = true;
const appPath = path.resolve(target);
let entry = appPath;
if (fs.statSync(appPath, { throwIfNoEntry: false })?.isDirectory()) {
  const manifestPath = path.join(appPath, 'package.json');
  const manifest = fs.existsSync(manifestPath) ? JSON.parse(fs.readFileSync(manifestPath, 'utf8')) : {};
  adoptIdentity(manifest);
  app.setAppPath(appPath);
  entry = Module._resolveFilename(path.join(appPath, manifest.main ?? 'index.js'), null, true);
} else {
  app.setAppPath(path.dirname(appPath));
}

try {
  // import() and not require(): it loads ES modules and CommonJS alike.
  await import(pathToFileURL(entry).href);
} catch (error) {
  // Without a visible message a window would simply never come.
  process.stderr.write(`App threw an error during load\n${error?.stack ?? error}\n`);
  process.exit(1);
}

/** Name, version and desktop entry decide the profile folder, the window class and the launcher's badge. */
function adoptIdentity(manifest) {
  if (manifest.version) app.setVersion(manifest.version);
  const name = manifest.productName ?? manifest.name;
  if (name) app.name = name;
  app.setDesktopName(manifest.desktopName ?? `${app.name}.desktop`);
  // A profile folder given on the command line wins over the one derived from the name.
  const chosenProfile = app.commandLine.getSwitchValue('user-data-dir');
  const profile = chosenProfile ? path.resolve(chosenProfile) : path.join(app.getPath('appData'), app.name);
  app.setPath('userData', profile);
}
