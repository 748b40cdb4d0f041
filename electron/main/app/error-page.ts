import type { Locale } from '#protocol/model/settings';
import { BACKGROUND } from './window-bounds.ts';

const TEXTS: Record<Locale, { title: string; body: string; log: string; again: string }> = {
  'zh-CN': {
    title: '窗口无法显示',
    body: '界面接连出错，已停止自动重试。消息仍在接收，草稿和未发送的消息都已保存。',
    log: '日志：',
    again: '重试',
  },
  en: {
    title: 'The window cannot be shown',
    body: 'Its page failed again and again, so it is no longer reloaded by itself. Messages keep coming; drafts and unsent messages are safe.',
    log: 'Log:',
    again: 'Try again',
  },
};

/** Colours of `tokens.css`, which may be what is missing. */
const COLOURS = {
  light: { ink: '#16181d', quiet: '#5b616e', accent: '#0f766e', onAccent: '#ffffff' },
  dark: { ink: '#eceef1', quiet: '#a4abb6', accent: '#2dd4bf', onAccent: '#06231f' },
};

/**
 * The page that is shown when ours cannot be: one text without scripts or style sheets, so that nothing of the built page
 * is needed for it.
 */
export function errorPage(options: {
  locale: Locale;
  dark: boolean;
  /** Where "try again" leads. */
  pageUrl: string;
  logFile: string;
}): string {
  const text = TEXTS[options.locale];
  const mode = options.dark ? 'dark' : 'light';
  const { ink, quiet, accent, onAccent } = COLOURS[mode];
  return `<!doctype html>
<html lang="${options.locale}">
<head><meta charset="utf-8"><title>Magpie</title></head>
<body style="margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:${BACKGROUND[mode]};color:${ink};font:15px/1.6 system-ui,sans-serif">
<main style="max-width:26rem;padding:2rem;text-align:center">
<h1 style="font-size:1.25rem">${text.title}</h1>
<p style="color:${quiet}">${text.body}</p>
<p><a id="again" href="${escaped(options.pageUrl)}" style="display:inline-block;padding:.6rem 1.4rem;border-radius:10px;background:${accent};color:${onAccent};text-decoration:none;font-weight:600">${text.again}</a></p>
<p style="color:${quiet};font-size:.8rem;overflow-wrap:anywhere">${text.log} ${escaped(options.logFile)}</p>
</main>
</body>
</html>`;
}

function escaped(text: string): string {
  return text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;').replace(/"/gu, '&quot;');
}
