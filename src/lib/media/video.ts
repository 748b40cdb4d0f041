/** Films before they are sent: how long, how large, and a picture out of them. */
import { dataAddress, draw } from './picture.ts';

export interface VideoShape {
  width: number;
  height: number;
  /** Milliseconds. */
  duration: number;
}

export interface PreparedVideo extends VideoShape {
  poster: File | null;
  preview: string;
}

const POSTER_SIDE = 720;

/** A film that cannot be played here is sent all the same, as a file. @throws when the platform cannot play it */
export async function prepareVideo(file: File): Promise<PreparedVideo> {
  const address = URL.createObjectURL(file);
  const video = document.createElement('video');
  try {
    video.muted = true;
    video.preload = 'auto';
    video.src = address;
    await once(video, 'loadeddata');
    if (video.videoWidth === 0) throw new Error('it has no picture');
    // The very first picture is often black.
    video.currentTime = Math.min(0.1, (video.duration || 0) / 2);
    await once(video, 'seeked');
    const poster = await draw(video, POSTER_SIDE, 'image/jpeg', 0.8);
    const preview = await draw(video, 20, 'image/webp', 0.4);
    return {
      poster: new File([poster], 'poster.jpg', { type: poster.type }),
      preview: await dataAddress(preview),
      ...shapeOf(video),
    };
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(address);
  }
}

/** What is known of a film before any of it is decoded; null when it cannot be played here, or has no picture. */
export async function videoShape(source: File | string): Promise<VideoShape | null> {
  const address = typeof source === 'string' ? source : URL.createObjectURL(source);
  const video = document.createElement('video');
  try {
    video.preload = 'metadata';
    video.src = address;
    await once(video, 'loadedmetadata');
    return video.videoWidth === 0 ? null : shapeOf(video);
  } catch {
    return null;
  } finally {
    video.removeAttribute('src');
    video.load();
    if (typeof source !== 'string') URL.revokeObjectURL(address);
  }
}

function shapeOf(video: HTMLVideoElement): VideoShape {
  return {
    width: video.videoWidth,
    height: video.videoHeight,
    duration: Number.isFinite(video.duration) ? Math.round(video.duration * 1000) : 0,
  };
}

function once(video: HTMLVideoElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener('error', () => reject(new Error('it cannot be played')), { once: true });
  });
}
