import { app, dialog } from 'electron';
import type { Locale } from '#protocol/model/settings';

const TEXTS = {
  'zh-CN': {
    message: '这台电脑不允许 Magpie 的保护机制（沙盒）运行。',
    detail:
      '没有沙盒，恶意消息若攻破窗口，就能访问您的文件。\n\n请改用 deb 或 rpm 安装包，它们会带上所需的权限；或请管理员允许用户命名空间：\nsysctl kernel.apparmor_restrict_unprivileged_userns=0\n\n设置环境变量 MAGPIE_NO_SANDBOX=1 后不再询问。',
    quit: '退出',
    anyway: '不受保护地启动',
  },
  en: {
    message: 'This computer forbids the sandbox that protects you.',
    detail:
      'Without it, a hostile message that breaks into the window could reach your files.\n\nInstall the deb or rpm package instead, which brings what the sandbox needs, or ask an administrator to allow user namespaces:\nsysctl kernel.apparmor_restrict_unprivileged_userns=0\n\nWith the variable MAGPIE_NO_SANDBOX=1 this is not asked again.',
    quit: 'Quit',
    anyway: 'Start unprotected',
  },
} satisfies Record<Locale, Record<string, string>>;

/** Says so and asks; true when the person wants to go on. Call when the app is ready, before any window. */
export async function startsUnprotected(): Promise<boolean> {
  const texts = TEXTS[app.getLocale().toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'];
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Magpie',
    message: texts.message,
    detail: texts.detail,
    buttons: [texts.quit, texts.anyway],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}
