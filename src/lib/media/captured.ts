/** How large the window is that the person chose for a picture: the system's pictures of windows do not tell. Pixels. */
export async function sizeOfCaptured(): Promise<{ width: number; height: number }> {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
  const video = document.createElement('video');
  try {
    video.muted = true;
    video.srcObject = stream;
    await new Promise((resolve, reject) => {
      video.addEventListener('loadedmetadata', resolve, { once: true });
      video.addEventListener('error', reject, { once: true });
      setTimeout(reject, LONGEST_WAIT);
    });
    return { width: video.videoWidth, height: video.videoHeight };
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

/** A window that is never drawn gives no picture. Milliseconds. */
const LONGEST_WAIT = 3_000;
