/** Median milliseconds of each action, by the number of messages. */
export type Times = Record<string, Record<string, number>>;
