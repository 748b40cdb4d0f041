/** What every area of the bridge is described with: a call, and the inputs that several of them take. */
import { z } from 'zod';

export interface Invoke<Input extends z.ZodType, Result> {
  input: Input;
  /** Exists in the types only. */
  readonly result?: Result;
}

export function invoke<Result>() {
  return <Input extends z.ZodType>(input: Input): Invoke<Input, Result> => ({ input });
}

export const nothing = z.undefined();

export const conversation = z.object({
  conversationId: z.string().regex(/^(single|group|service):.{1,200}$/su),
});

export const message = z.object({ messageId: z.string().min(1).max(64) });

export const accountId = z.number().int().positive();
export const account = z.object({ accountId });

/** SHA-256 of a certificate. */
export const fingerprint = z.string().regex(/^([\dA-Fa-f]{2}:){31}[\dA-Fa-f]{2}$/u);
