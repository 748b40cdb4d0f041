import { createI18n } from 'vue-i18n';
import { en } from '../locales/en/index.ts';
import { zhCN } from '../locales/zh-CN/index.ts';

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'en',
  messages: { 'zh-CN': zhCN, en },
});
