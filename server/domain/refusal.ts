/** The server says no: an expected outcome, with the sentence the person gets to read. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** HTTP status; the protocol uses 400 for every refusal of a rule. */
  readonly status: number;
  /** Seconds until another try makes sense. */
  readonly retryAfter: number | undefined;

  constructor(text: string, options: { status?: number; retryAfter?: number } = {}) {
    super(text);
    this.status = options.status ?? 400;
    this.retryAfter = options.retryAfter;
  }
}
