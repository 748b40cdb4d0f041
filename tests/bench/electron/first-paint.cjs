// Preloaded into Electron (-r): tells when the first thing that matters is on the screen, then ends the program.
// MAGPIE_BENCH_SELECTOR names it, in the words of CSS.
const { app } = require('electron');

const isThere = `new Promise((resolve) => {
  const look = () => document.querySelector(${JSON.stringify(process.env.MAGPIE_BENCH_SELECTOR)}) === null
    ? requestAnimationFrame(look)
    : requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())));
  look();
})`;

app.on('web-contents-created', (_event, contents) => {
  contents.once('dom-ready', () => {
    void contents.executeJavaScript(isThere).then((at) => {
      process.stdout.write(`painted ${at}\n`, () => process.kill(process.pid, 'SIGKILL'));
    });
  });
});
