/** Camera and microphone, each asked for by itself: the system tells the person about each. */

/** Pixels; the camera gives what comes nearest. */
const PICTURE = { width: 1920, height: 1080 };
/** For films: what a minute of it weighs must be sent and loaded by everybody. Pixels. */
const FILM = { width: 1280, height: 720 };

/** @throws DOMException `NotAllowedError` without permission, `NotFoundError` without a camera */
export function openCamera(purpose: 'photo' | 'film'): Promise<MediaStream> {
  const { width, height } = purpose === 'photo' ? PICTURE : FILM;
  return navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: width }, height: { ideal: height } },
  });
}

/** @throws DOMException `NotAllowedError` without permission, `NotFoundError` without a microphone */
export function openMicrophone(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
}

/** Nothing is seen or heard any more; its light goes out. */
export function letGo(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
