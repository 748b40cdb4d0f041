import type { zhCN } from './zh-CN/index.ts';

/** The shape of a tree of texts, whatever the texts say. */
export type Texts<Node> = {
  readonly [Key in keyof Node]: Node[Key] extends string ? string : Texts<Node[Key]>;
};

/** All texts of the window in one language. */
export type LocaleMessages = Texts<typeof zhCN>;

type Paths<Node> = {
  [Key in keyof Node & string]: Node[Key] extends string ? Key : `${Key}.${Paths<Node[Key]>}`;
}[keyof Node & string];

/** Every text of the window by its dotted path. */
export type MessageKey = Paths<typeof zhCN>;
