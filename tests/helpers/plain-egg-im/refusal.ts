/** A sentence for the person; 422 is one of validation. */
export class Refusal extends Error {
  readonly status: number;
  constructor(text: string, status = 400) {
    super(text);
    this.status = status;
  }
}
