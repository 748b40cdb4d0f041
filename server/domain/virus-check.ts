/** Refuses uploads by the word of a virus scanner. */
import type { Scanner } from '../files/virus-scan.ts';
import type { Logger } from './context.ts';
import { Refusal } from './refusal.ts';

const TEXTS = {
  infected: '文件含有病毒，无法上传',
  tooLargeToScan: '文件过大，无法检查病毒',
  notScanned: '暂时无法检查文件，请稍后再试',
} as const;

/**
 * What nobody could look at is not let in: a scanner that is down must not be a way around it.
 * @param scan null when nobody looks for viruses
 */
export function virusCheck(scan: Scanner | null, log: Logger): (path: string) => Promise<void> {
  return async (path) => {
    const result = (await scan?.(path)) ?? { kind: 'clean' };
    switch (result.kind) {
      case 'clean':
        return;
      case 'infected':
        log.warn({ name: result.name }, 'infected upload refused');
        throw new Refusal(TEXTS.infected);
      case 'too-large':
        throw new Refusal(TEXTS.tooLargeToScan, { status: 413 });
      case 'unavailable':
        log.error({ reason: result.reason }, 'virus scanner gives no answer');
        throw new Refusal(TEXTS.notScanned, { status: 503, retryAfter: 30 });
    }
  };
}
