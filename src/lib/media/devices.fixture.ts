/** Camera, microphone and the platform's recorder for tests. */

export class FakeTrack extends EventTarget {
  live = true;
  constructor(readonly kind: 'audio' | 'video') {
    super();
  }
  stop(): void {
    this.live = false;
  }
  /** Pulled out. */
  vanish(): void {
    this.live = false;
    this.dispatchEvent(new Event('ended'));
  }
}

export class FakeStream {
  constructor(private readonly tracks: readonly FakeTrack[]) {}
  getTracks = (): readonly FakeTrack[] => this.tracks;
  getAudioTracks = (): readonly FakeTrack[] => this.tracks.filter(({ kind }) => kind === 'audio');
  getVideoTracks = (): readonly FakeTrack[] => this.tracks.filter(({ kind }) => kind === 'video');
}

/** What the platform would make of a stream. */
export class FakeRecorder extends EventTarget {
  static isTypeSupported = (): boolean => true;
  /** The last one that was made. */
  static last: FakeRecorder;
  state = 'inactive';
  constructor(
    readonly stream: FakeStream,
    readonly options: MediaRecorderOptions,
  ) {
    super();
    FakeRecorder.last = this;
  }
  start(): void {
    this.state = 'recording';
  }
  stop(): void {
    this.state = 'inactive';
    this.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob(['recorded']) }));
    this.dispatchEvent(new Event('stop'));
  }
}

export interface FakeDevices {
  /** All that were ever opened. */
  tracks: FakeTrack[];
  /** What was asked for, in order. */
  asked: ('audio' | 'video')[];
  /** Takes the place of the person's answer; throws where they refuse. */
  answer: (kind: 'audio' | 'video') => unknown;
  mediaDevices: { getUserMedia(wanted: MediaStreamConstraints): Promise<FakeStream> };
}

export function fakeDevices(): FakeDevices {
  const devices: FakeDevices = {
    tracks: [],
    asked: [],
    answer: () => undefined,
    mediaDevices: {
      async getUserMedia({ audio }) {
        const kind = audio === undefined ? 'video' : 'audio';
        devices.asked.push(kind);
        await devices.answer(kind);
        const track = new FakeTrack(kind);
        devices.tracks.push(track);
        return new FakeStream([track]);
      },
    },
  };
  return devices;
}
