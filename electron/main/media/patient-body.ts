/** The server said nothing for so long, milliseconds. */
export const SILENCE = 30_000;

/**
 * A body that fails when its sender falls silent in the middle, so that whoever reads it can ask for the rest. A reader that takes its
 * time, as a film that stands still does, is no silence.
 */
export function patientBody(body: ReadableStream<Uint8Array>, silence = SILENCE): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const fell = new Promise<never>((_resolve, reject) => {
          timer = setTimeout(() => reject(new Error('the sender fell silent')), silence);
        });
        try {
          const { done, value } = await Promise.race([reader.read(), fell]);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (thrown) {
          controller.error(thrown);
          void reader.cancel(thrown).catch(() => undefined);
        } finally {
          clearTimeout(timer);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead of whoever wants it: that would be taken for their patience.
    { highWaterMark: 0 },
  );
}
