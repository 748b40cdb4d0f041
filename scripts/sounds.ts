// `npm run sounds`: synthesises the notification sounds into resources/sounds/. The results are committed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NOTIFICATION_SOUNDS, type NotificationSound } from '../protocol/model/settings.ts';
import { runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';
import { strike, toWave, type Tone } from './sounds/wave.ts';

const target = join(repositoryRoot, 'resources/sounds');

const bell = [1, 0.35, 0.12, 0.05];
const wood = [1, 0.1, 0.3];
const string = [1, 0.5, 0.33, 0.25, 0.12];
const tone = (frequency: number, start: number, decay: number, overtones: number[], glide = 1): Tone => ({
  frequency,
  start,
  decay,
  strength: 1,
  overtones,
  glide,
});

const sounds: Record<Exclude<NotificationSound, 'none'>, { tones: Tone[]; seconds: number }> = {
  chime: { tones: [tone(783.99, 0, 0.16, bell), tone(1174.66, 0.11, 0.2, bell)], seconds: 0.75 },
  drop: { tones: [tone(640, 0, 0.07, [1, 0.08], 1.9)], seconds: 0.3 },
  knock: { tones: [tone(220, 0, 0.035, wood), tone(220, 0.14, 0.035, wood)], seconds: 0.36 },
  pluck: { tones: [tone(392, 0, 0.18, string), tone(587.33, 0.07, 0.2, string)], seconds: 0.7 },
};

await runScript(async () => {
  await mkdir(target, { recursive: true });
  for (const name of NOTIFICATION_SOUNDS) {
    if (name === 'none') continue;
    const { tones, seconds } = sounds[name];
    await writeFile(join(target, `${name}.wav`), toWave(strike(tones, seconds)));
  }
  console.log(`Sounds are in ${target}`);
  return 0;
});
