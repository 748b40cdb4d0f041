import { stderr } from 'node:process';

interface ProgressTarget {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal, a line is written each time this many more percent are done. */
const plainLineStepPercent = 20;
const barWidth = 30;

/**
 * Shows how far a long download is. On a terminal it redraws one bar; in a log file, where that would be noise, it
 * writes a plain line every now and then.
 *
 * @param totalBytes undefined when the sender did not say; then only the amount is shown
 */
export function createProgress(
  label: string,
  totalBytes: number | undefined,
  target: ProgressTarget = stderr,
) {
  let doneBytes = 0;
  let lastShown = -1;
  if (!target.isTTY) target.write(`${label}${totalBytes ? ` (${megabytes(totalBytes)})` : ''} ...\n`);

  return {
    add(bytes: number): void {
      doneBytes += bytes;
      const percent = totalBytes ? Math.min(100, Math.floor((doneBytes / totalBytes) * 100)) : undefined;
      const step = percent ?? Math.floor(doneBytes / 10_000_000);
      if (step === lastShown) return;
      if (target.isTTY) {
        target.write(`\r${label} ${bar(percent)} ${megabytes(doneBytes)}`);
      } else if (
        percent !== undefined &&
        percent > 0 &&
        percent < 100 &&
        percent % plainLineStepPercent === 0
      ) {
        target.write(`${label}: ${percent} %\n`);
      }
      lastShown = step;
    },
    end(): void {
      target.write(target.isTTY ? '\n' : `${label}: done (${megabytes(doneBytes)})\n`);
    },
  };
}

function bar(percent: number | undefined): string {
  if (percent === undefined) return '';
  const filled = Math.round((percent / 100) * barWidth);
  return `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${String(percent).padStart(3)} %`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}
