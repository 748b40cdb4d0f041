// Preloaded into Electron by the tests (-r). A window that opens while Playwright is still attaching to the app can
// make the attaching hang for ever, so `ready` is held back until Playwright says that it has finished. It does so by
// calling `__playwright_run`, as it does with a preload of its own when it chooses the Electron binary itself.
const { app } = require('electron');

const reallyReady = app.whenReady();
const emit = app.emit.bind(app);
let readyArguments = null;
let isReady = false;
let letGo;
const heldReady = new Promise((resolve) => (letGo = resolve));

app.emit = (event, ...rest) => {
  if (event !== 'ready' || isReady) return emit(event, ...rest);
  readyArguments = rest;
  return app.listenerCount('ready') > 0;
};
app.isReady = () => isReady;
app.whenReady = () => heldReady;

globalThis.__playwright_run = async () => {
  await reallyReady;
  isReady = true;
  letGo();
  emit('ready', ...(readyArguments ?? []));
};
