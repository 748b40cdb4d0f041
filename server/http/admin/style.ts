/** The one style sheet of the console: the colours of the app, in the theme of the system. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f5f7, #111315); --surface: light-dark(#ffffff, #1a1d20);
  --line: light-dark(#e5e7eb, #2c3136); --field: light-dark(#ffffff, #111315);
  --ink: light-dark(#16181d, #eceef1); --ink-2: light-dark(#5b616e, #a4abb6);
  --accent: light-dark(#0f766e, #2dd4bf); --accent-ink: light-dark(#ffffff, #06231f);
  --selected: light-dark(#e2f2ef, #1f3331); --hover: light-dark(#f4f6f8, #202428);
  --danger: light-dark(#c81e1e, #f87171); --danger-tint: light-dark(#fdecec, #34191a);
  --warn: light-dark(#92500a, #fbbf24); --warn-tint: light-dark(#fdf3e1, #2e2614);
  --ok: light-dark(#166534, #4ade80); --ok-tint: light-dark(#e6f6ec, #14291d);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 14px/20px system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
a { color: var(--accent); text-underline-offset: 3px; }
h1, h2, h3, p { margin: 0; }
h2 { font-size: 20px; line-height: 28px; font-weight: 650; }
h3 { font-size: 15px; line-height: 20px; font-weight: 600; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 16px; top: 16px; z-index: 1; background: var(--surface); padding: 8px; }
header {
  display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 10px 24px;
  background: var(--surface); border-bottom: 1px solid var(--line);
}
header svg { width: 28px; height: 28px; display: block; }
header h1 { flex: 1; font-size: 15px; line-height: 20px; font-weight: 600; white-space: nowrap; }
header .who { color: var(--ink-2); }
.frame { display: grid; grid-template-columns: 208px minmax(0, 1fr); max-width: 1280px; margin: 0 auto; }
nav { padding: 24px 0 24px 24px; }
nav ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 2px; }
nav a { display: block; padding: 8px 12px; border-radius: 8px; color: var(--ink); text-decoration: none; }
nav a:hover { background: var(--hover); }
nav a[aria-current] { background: var(--selected); color: var(--accent); font-weight: 600; }
main { padding: 24px; display: grid; gap: 16px; align-content: start; min-width: 0; }
.alone main { max-width: 440px; margin: 6vh auto 0; }
.alone .box { max-width: none; }
.box, .sheet { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.box { padding: 20px; max-width: 560px; display: grid; gap: 12px; }
.sheet { overflow-x: auto; }
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
.bar > label { flex: 0 1 320px; } .bar.centred { align-items: center; gap: 16px; }
.quiet { color: var(--ink-2); }
.problem { border-color: var(--danger); background: var(--danger-tint); color: var(--danger); }
.notice { border-color: var(--ok); background: var(--ok-tint); }
.empty { padding: 32px; text-align: center; color: var(--ink-2); }
table { border-collapse: collapse; width: 100%; }
th { font-size: 12px; line-height: 16px; font-weight: 600; color: var(--ink-2); white-space: nowrap; }
th, td { padding: 10px 16px; text-align: start; vertical-align: middle; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
tbody tr:hover { background: var(--hover); }
td { overflow-wrap: anywhere; } td.actions { white-space: nowrap; width: 1%; } td.actions form { display: inline-block; }
td time { white-space: nowrap; color: var(--ink-2); font-variant-numeric: tabular-nums; }
.pill { display: inline-block; padding: 1px 8px; border-radius: 999px; font-size: 12px; line-height: 18px; background: var(--hover); color: var(--ink-2); white-space: nowrap; }
.pill.ok { background: var(--ok-tint); color: var(--ok); }
.pill.warn { background: var(--warn-tint); color: var(--warn); }
.pill.bad { background: var(--danger-tint); color: var(--danger); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 16px; margin: 0; padding: 0; list-style: none; }
.cards > li { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 16px 20px; }
.cards strong { display: block; font-size: 26px; line-height: 34px; font-weight: 650; font-variant-numeric: tabular-nums; }
.cards a { color: inherit; }
dl { display: grid; grid-template-columns: minmax(96px, max-content) minmax(0, 1fr); gap: 8px 24px; margin: 0; }
dt { color: var(--ink-2); } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
label { display: grid; gap: 4px; font-weight: 550; }
label.inline { display: flex; gap: 8px; align-items: center; font-weight: 400; }
input, select, textarea, button {
  font: inherit; font-weight: 400; color: inherit; background: var(--field); border: 1px solid light-dark(#8b92a0, #717985); border-radius: 8px; padding: 6px 10px; min-height: 34px;
}
input[type=checkbox] { min-height: 0; width: 16px; height: 16px; accent-color: var(--accent); }
textarea { width: 100%; min-height: 96px; resize: vertical; }
button { cursor: pointer; background: var(--surface); border-color: var(--line); font-weight: 550; }
button:hover { background: var(--hover); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
button.main:hover { filter: brightness(1.06); }
button.bad { color: var(--danger); } button.main.bad { background: var(--danger); border-color: var(--danger); color: light-dark(#ffffff, #2a0606); }
td button { min-height: 28px; padding: 2px 10px; }
header button { min-height: 30px; padding: 3px 12px; }
pre { margin: 8px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/18px ui-monospace, monospace; background: var(--ground); border-radius: 8px; padding: 12px; }
code { font: 12px/18px ui-monospace, monospace; } strong code { font-size: 18px; line-height: 26px; user-select: all; }
.pictures { display: flex; flex-wrap: wrap; gap: 8px; } .pictures img { width: 160px; height: 160px; object-fit: cover; border-radius: 8px; border: 1px solid var(--line); }
.evidence { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; }
.evidence blockquote { margin: 4px 0 0; padding: 8px 12px; border-radius: 12px; background: var(--ground); width: fit-content; max-width: 100%; white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--ink-2); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 800px) {
  .frame { grid-template-columns: minmax(0, 1fr); } nav { padding: 12px 16px 0; } nav ul { display: flex; overflow-x: auto; }
  nav a { white-space: nowrap; } main { padding: 16px; } header { padding: 10px 16px; }
}
`;
